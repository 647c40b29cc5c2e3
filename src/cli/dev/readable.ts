import { fromFolder } from '../shared/authors-place'

interface LogLine {
  readonly level: number
  readonly time: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** What every line has, and what `msg` says already. */
const plain: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'err', 'at'])
const warning = 40
const names: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 40: 'warning', 50: 'error', 60: 'fatal' }

const two = (value: number): string => String(value).padStart(2, '0')

/** A time of day, as a clock on the wall shows it. */
export function clock(ms: number): string {
  const at = new Date(ms)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const color = (code: number, text: string, isColored: boolean): string =>
  isColored ? `\u001b[${code}m${text}\u001b[0m` : text

/**
 * A line of weir's log as people read it: the time, what is more than a notice, the message, other fields, and below a fault the line of the
 * author's code that it comes from (`at`). What is no line of the log stays as it is.
 */
export function readable(line: string, isColored = false): string {
  const parsed = parse(line)
  if (parsed === undefined) return line
  const { level, time, msg, at } = parsed
  const name = names[level]
  const kind =
    name === undefined ? '' : `${color(level > warning ? 31 : level === warning ? 33 : 90, name, isColored)}  `
  const fields = Object.entries(parsed).filter(([field]) => !plain.has(field))
  const more = fields.map(([field, value]) => `  ${color(90, `${field}=${shown(value)}`, isColored)}`).join('')
  const where = typeof at === 'string' ? `\n          at ${color(36, fromFolder(at), isColored)}` : ''
  return `${color(90, clock(time), isColored)}  ${kind}${msg}${more}${where}`
}

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const parsed = JSON.parse(line)
    return typeof parsed.msg === 'string' && typeof parsed.time === 'number' ? parsed : undefined
  } catch {
    return undefined
  }
}
