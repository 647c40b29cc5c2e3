import { StatusLine } from '../../src/sensors/start/status-line'

const text =
  '91 s  sent 20,071/s  processed 21,693/s  at subscriber 19,935/s  lag 1,829  latency 45 ms  windows 8,000  draining'

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's controls are what is looked for
const controls = /\u001b\[(\d+)A|\u001b\[J|[\s\S]/g

/** As much of a terminal as is asked of one: text, `\n`, `\r`, cursor up and clearing to the end. */
class Terminal {
  readonly isTTY = true
  readonly lines = ['']
  private row = 0
  private column = 0

  constructor(readonly columns: number) {}

  write(written: string): boolean {
    for (const [piece, up] of written.matchAll(controls)) {
      if (up !== undefined) this.row -= Number(up)
      else if (piece === '\u001b[J') {
        this.lines.splice(this.row + 1)
        this.lines[this.row] = this.lines[this.row]!.slice(0, this.column)
      } else if (piece === '\r') this.column = 0
      else if (piece === '\n') {
        this.row++
        this.column = 0
        this.lines[this.row] ??= ''
      } else {
        const line = this.lines[this.row]!
        this.lines[this.row] = line.slice(0, this.column) + piece + line.slice(this.column + 1)
        this.column++
      }
    }
    return true
  }
}

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

test.each([200, 80, 40])('a terminal of %i columns shows all of it, and other lines above', columns => {
  const out = new Terminal(columns)
  const status = new StatusLine({ text: () => text, out: out as never })
  status.start()
  jest.advanceTimersByTime(2_000)
  status.say('the topology ended (SIGKILL), starting it again')
  jest.advanceTimersByTime(2_000)
  expect(out.lines[0]).toBe('the topology ended (SIGKILL), starting it again')
  expect(out.lines.slice(1).join('  ')).toBe(text)
  for (const line of out.lines.slice(1)) expect(line.length).toBeLessThan(columns)
  status.stop()
  expect(out.lines).toEqual(['the topology ended (SIGKILL), starting it again', ''])
})
