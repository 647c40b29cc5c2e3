const plainEveryMs = 5000
const liveEveryMs = 500
/** Where the terminal does not say how wide it is. */
const plainColumns = 80

export interface StatusOptions {
  /** What to show now. */
  readonly text: () => string
  readonly out: NodeJS.WriteStream
}

/** The state of a run: one line that changes in a terminal, a plain line every 5 s elsewhere. Other lines go above it. */
export class StatusLine {
  private timer: NodeJS.Timeout | undefined
  private drawn = false
  private readonly live: boolean

  constructor(private readonly options: StatusOptions) {
    this.live = options.out.isTTY === true
  }

  start(): void {
    this.timer = setInterval(() => this.draw(), this.live ? liveEveryMs : plainEveryMs)
  }

  /** A line that stays. */
  say(line: string): void {
    this.wipe()
    this.options.out.write(`${line}\n`)
    if (this.timer !== undefined && this.live) this.draw()
  }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
    this.wipe()
  }

  private draw(): void {
    const { out, text } = this.options
    if (!this.live) return void out.write(`${text()}\n`)
    this.wipe()
    // A line that wraps could not be wiped.
    out.write(text().slice(0, (out.columns || plainColumns) - 1))
    this.drawn = true
  }

  private wipe(): void {
    if (this.drawn) this.options.out.write('\r\u001b[K')
    this.drawn = false
  }
}
