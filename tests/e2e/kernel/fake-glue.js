// A core that decides nothing: it writes down what the kernel says and does what a test asks.
//
// A test may set `fakeCore = { answer(input) }`: returns outputs, or throws like a trap.

export function glue() {
  const log = (entry) => {
    // Durable at once, as the real core's records are: the next page reads it.
    const said = JSON.parse(localStorage.getItem('said') ?? '[]')
    localStorage.setItem('said', JSON.stringify([...said, entry]))
  }
  let depth = 0
  const guarded = (run) => {
    if (depth) log({ in: 'REENTERED' })
    depth++
    try {
      return run()
    } finally {
      depth--
    }
  }
  return {
    imports: {},
    attach: () => ({
      boot: (door) => guarded(() => {
        globalThis.fakeDoor = door
        log({ in: 'boot' })
      }),
      handle: (text) => guarded(() => {
        const input = JSON.parse(text)
        log({ ...input, page: location.pathname })
        const outputs = globalThis.fakeCore?.answer?.(input)
        return outputs ? JSON.stringify(outputs) : ''
      }),
      settled: (batch, response) => guarded(() => {
        log({ in: 'settled', batch, response })
        return ''
      }),
    }),
  }
}
