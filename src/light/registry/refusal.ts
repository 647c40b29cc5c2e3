/** What the registry doesn't do, with the code by which Confluent's API says why; its first three digits are the HTTP status. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }

  get status(): number {
    return this.code < 1000 ? this.code : Math.floor(this.code / 100)
  }
}
