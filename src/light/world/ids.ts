import { createHash } from 'node:crypto'

/** Makes ids that look random, and are the same ones in each run with the same seed. */
export class Ids {
  private count = 0

  constructor(private readonly seed: string) {}

  /** As Kafka prints one: URL-safe base64 of 16 bytes, which doesn't begin with a dash. */
  uuid(): string {
    for (;;) {
      const id = this.bytes().toString('base64url')
      if (!id.startsWith('-')) return id
    }
  }

  /** `name` and 16 bytes in hexadecimal. */
  named(name: string): string {
    return `${name}-${this.bytes().toString('hex')}`
  }

  private bytes(): Buffer {
    return createHash('sha256')
      .update(`${this.seed}/${this.count++}`)
      .digest()
      .subarray(0, 16)
  }
}
