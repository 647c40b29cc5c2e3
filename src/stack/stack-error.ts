/** A reason why a local service can't run, as one sentence for the user: what, where and what to do. */
export class StackError extends Error {
  override readonly name = 'StackError'
  /** What a program that ends by it should exit with: 2 where it was given something wrong. */
  readonly exitCode: number
  constructor(message: string, { exitCode = 1, ...options }: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** Thrown when the caller's signal ends a start before it is done; everything started by it is stopped again. */
export class StartAborted extends StackError {
  constructor() {
    super('the start was interrupted, and what it had started is stopped again', { exitCode: 130 })
  }
}
