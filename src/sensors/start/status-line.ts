const plainEveryMs = 5000
const liveEveryMs = 500
/** Where the terminal does not say how wide it is. */
const plainColumns = 80

export interface StatusOptions {
  /** What to show now. */
  readonly text: () => string
  readonly out: NodeJS.WriteStream
}

/** Breaks a text between its parts, which two blanks separate, so that each line is shorter than the terminal is wide. */
function fold(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const part of text.split('  ')) {
    const joined = lines.length > 0 ? `${lines.at(-1)}  ${part}` : part
    if (lines.length > 0 && joined.length < columns) lines[lines.length - 1] = joined
    else lines.push(part)
  }
  // A line that wraps could not be wiped.
  return lines.map(line => line.slice(0, columns - 1))
}

/**
 * The state of a run: in a terminal one line that changes, or several where it is too narrow for one, and a plain line every 5 s elsewhere.
 * Other lines go above it.
 */
export class StatusLine {
  private timer: NodeJS.Timeout | undefined
  /** Lines that are drawn now. */
  private drawn = 0
  private readonly live: boolean

  constructor(private readonly options: StatusOptions) {
    this.live = options.out.isTTY === true
  }

  start(): void {
    this.timer ??= setInterval(() => this.draw(), this.live ? liveEveryMs : plainEveryMs)
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
    const lines = fold(text(), out.columns || plainColumns)
    out.write(lines.join('\n'))
    this.drawn = lines.length
  }

  private wipe(): void {
    if (this.drawn === 0) return
    const up = this.drawn > 1 ? `\u001b[${this.drawn - 1}A` : ''
    this.options.out.write(`\r${up}\u001b[J`)
    this.drawn = 0
  }
}
