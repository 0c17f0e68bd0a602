// A core that decides nothing: it writes down what the kernel says and does what a test asks.
//
// A test may set `fakeCore = { answer(input) }`: returns outputs, or throws like a trap. It may use
// the kernel's hands as the core does: `fakeHands.wake(…)`.

export function glue(announce, discard, isMatch, keep, kept, post, wake, wipe) {
  const log = (entry) => {
    // Durable at once, as the real core's records are: the next page reads it.
    const said = JSON.parse(localStorage.getItem('said') ?? '[]')
    localStorage.setItem('said', JSON.stringify([...said, entry]))
  }
  let isBusy = false
  return {
    imports: {},
    attach: () => ({
      handle(text) {
        globalThis.fakeHands = { announce, discard, isMatch, keep, kept, post, wake, wipe }
        if (isBusy) log({ in: 'REENTERED' })
        isBusy = true
        try {
          const input = JSON.parse(text)
          log({ ...input, page: location.pathname })
          const outputs = globalThis.fakeCore?.answer?.(input)
          return outputs ? JSON.stringify(outputs) : ''
        } finally {
          isBusy = false
        }
      },
    }),
  }
}
