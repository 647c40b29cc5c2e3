/** A pause that ends early when something happens. */
export class WakeUp {
  private wakeUp: (() => void) | undefined

  /** Ends the pause under way. */
  wake(): void {
    this.wakeUp?.()
  }

  /** Resolves after `ms`, or at `wake`. */
  pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.wakeUp = undefined
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.wakeUp = done
    })
  }
}
