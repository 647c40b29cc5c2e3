import timers from 'node:timers/promises'

/** Takes the place of the pauses that the engine makes: each lasts until `pass`, or until its signal is aborted. */
export class GivenPauses {
  /** How long each of them was to last, ms. */
  readonly asked: number[] = []
  private passing: (() => void)[] = []
  private waiting = 0

  constructor() {
    jest.spyOn(timers, 'setTimeout').mockImplementation(this.pause as typeof timers.setTimeout)
  }

  /** How many are under way. */
  get underWay(): number {
    return this.waiting
  }

  /** Ends those that are under way, and lets what waits for them go as far as it can. */
  async pass(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      for (const pass of this.passing.splice(0)) pass()
      await new Promise(setImmediate)
    }
  }

  private pause = (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    this.asked.push(ms)
    this.waiting++
    const over = new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason)
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort)
      this.passing.push(() => resolve(value))
    })
    return over.finally(() => this.waiting--)
  }
}
