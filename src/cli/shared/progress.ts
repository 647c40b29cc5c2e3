import type { Streams } from './output'

const WIDTH = 30
const EVERY_MS = 100

/** A bar on stderr for work that takes long; silent unless somebody looks at a terminal. */
export class Progress {
  private drawnAt = 0
  private drawn = false

  constructor(
    private readonly streams: Streams,
    private readonly what: string,
  ) {}

  update(done: number, total: number): void {
    if (this.streams.stderr.isTTY !== true || performance.now() - this.drawnAt < EVERY_MS) return
    this.drawnAt = performance.now()
    this.drawn = true
    const part = total === 0 ? 1 : Math.min(1, done / total)
    const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.')
    this.streams.stderr.write(`\r${this.what} [${bar}] ${Math.floor(part * 100)} %`)
  }

  /** Wipes the bar away. */
  end(): void {
    if (this.drawn) this.streams.stderr.write('\r\u001b[K')
  }
}
