// What a test expects of an event, compared with what the collector stored.

/** One stored event, as the collector's operator address tells it. */
export interface StoredEvent {
  seq: number;
  received_at: string;
  source: string;
  id: string;
  /** With its prefix: `org.touchmark.form_submit`. */
  type: string;
  subject: string | null;
  state: 'good' | 'bad';
  verdict: string | null;
  /** What was wrong, by pointer and rule; never a value. */
  reasons: { instance?: string; keyword?: string; schema?: string; message?: string }[];
  /** The event as it was sent: a CloudEvent. */
  event: { id: string; source: string; type: string; subject?: string; time?: string; data: Record<string, any> };
}

/**
 * A part of an event. Members that are named must fit, others may be anything. Text and numbers
 * are compared, a RegExp is tried, a function asked, `undefined` means absent, an array has
 * exactly these elements.
 */
export type Pattern = string | number | boolean | null | undefined | RegExp | ((value: any) => boolean) | Pattern[] | { [member: string]: Pattern };

export interface EventPattern {
  /** `form_submit`, or a whole type of another system. */
  type?: string | RegExp;
  subject?: Pattern;
  id?: Pattern;
  source?: Pattern;
  /** `good` keeps the schema, `bad` breaks a rule. */
  state?: 'good' | 'bad';
  verdict?: Pattern;
  /** Members of the event's `data`. */
  data?: Pattern;
}

const PREFIX = 'org.touchmark.';

/** What can stand at the top of a pattern; the columns beside `data`, which nobody need name, too. */
const MEMBERS = ['type', 'subject', 'id', 'source', 'state', 'verdict', 'data'];
const COLUMNS = ['seq', 'received_at', 'skew_ms', 'session', 'reasons', 'event'];
const WORDS: Record<string, string[]> = {
  state: ['good', 'bad'],
  verdict: ['valid', 'invalid', 'undeclared', 'unread', 'budget_exceeded'],
};

/** Why no event can ever fit; that none fits would prove nothing then. */
export function mistake(pattern: EventPattern): string | undefined {
  for (const [name, value] of Object.entries(pattern)) {
    if (![...MEMBERS, ...COLUMNS].includes(name)) return `a pattern has no member \`${name}\`; there is ${MEMBERS.join(', ')}`;
    const words = WORDS[name];
    if (words && typeof value === 'string' && !words.includes(value)) return `${name} is never ${JSON.stringify(value)}; there is ${words.join(', ')}`;
  }
  return undefined;
}

export function fits(pattern: Pattern, value: unknown): boolean {
  if (pattern instanceof RegExp) return typeof value === 'string' && new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(value);
  if (typeof pattern === 'function') return pattern(value);
  if (typeof pattern !== 'object' || pattern === null) return Object.is(pattern, value);
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && value.length === pattern.length && pattern.every((one, at) => fits(one, value[at]));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(pattern).every(([name, one]) => fits(one, Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined));
}

export function isMatch({ type, data, ...columns }: EventPattern, row: StoredEvent): boolean {
  const isType = type === undefined || (typeof type === 'string' ? type === row.type || PREFIX + type === row.type : fits(type, row.type));
  return isType && fits(columns as Pattern, row) && (data === undefined || fits(data, row.event.data));
}

/** `form_submit appointment sent valid`, and for a bad one what was wrong. */
export function line(row: StoredEvent): string {
  const { form, validation } = row.event.data ?? {};
  const words = [row.type.replace(PREFIX, ''), row.subject, form?.outcome, validation?.verdict, row.state === 'bad' && 'BAD'];
  const reasons = row.reasons.map(({ instance, keyword, message }) => `\n      ${instance || '/'} ${keyword ?? ''}: ${message ?? ''}`);
  return words.filter(Boolean).join(' ') + reasons.join('');
}

export function show(pattern: unknown): string {
  const text = JSON.stringify(pattern, (_, value: unknown) =>
    value instanceof RegExp ? String(value) : typeof value === 'function' ? '(function)' : value === undefined ? '(absent)' : value,
  );
  return text ?? String(pattern);
}
