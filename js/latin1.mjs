// Bytes as a template literal of Latin-1 characters, and back.
//
// In a UTF-8 file that costs brotli 1.5 % over the bytes themselves; base64 costs 27 %.

/**
 * Escaped: what ends or changes a template, CR (a template reads it as LF), NUL (parsers of
 * inline scripts replace it), and what would end an inline script.
 */
export const asTemplate = (bytes) => {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\\`]|\$(?=\{)/g, '\\$&')
    .replace(/<(?=\/script|!--)/gi, '<\\')
    .replace(/\r/g, '\\r')
    // `\0` before a digit would be an octal escape.
    .replace(/\0(?=[0-9])/g, '\\x00')
    .replace(/\0/g, '\\0');
  return `\`${text}\``;
};

/** The bytes that a browser gets from the literal. */
export const readTemplate = (literal) => Buffer.from(new Function(`return ${literal}`)(), 'latin1');
