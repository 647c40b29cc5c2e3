/** npm passes a terminal's Ctrl-C on, so that it arrives twice: a later one is the user's. */
const secondAfterMs = 1000

/** Calls `first` at the first signal to end, and `again` at a later one: whoever sends it doesn't want to wait. */
export function onInterrupt(first: () => void, again: () => void): void {
  let firstAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = performance.now()
        first()
      } else if (performance.now() - firstAt > secondAfterMs) again()
    })
  }
}
