import { itemAt } from '../../required'

export type Format = 'table' | 'json' | 'ndjson'
export const FORMATS: readonly Format[] = ['table', 'json', 'ndjson']

export interface Column<R> {
  readonly title: string
  readonly value: (row: R) => string | number | null | undefined
  /** A colour for the cell, used in a terminal only. */
  readonly colour?: (row: R) => Colour | undefined
}

/** ECMA-48, Select Graphic Rendition. */
const CODES = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 }
export type Colour = keyof typeof CODES

/** Where a command writes: data on stdout, notes on stderr. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

export class Output {
  private readonly colours: boolean

  constructor(
    readonly format: Format,
    readonly streams: Streams,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    const plain = environment.NO_COLOR !== undefined && environment.NO_COLOR !== ''
    this.colours = streams.stdout.isTTY === true && !plain && environment.TERM !== 'dumb'
  }

  /** Rows: a table for people, an array for `-o json`, one object a line for `-o ndjson`. */
  rows<R extends object>(rows: readonly R[], columns: readonly Column<R>[]): void {
    if (this.format === 'table') this.line(table(rows, columns, (text, colour) => this.paint(text, colour)))
    else this.data(rows)
  }

  /** The same for things that a person reads in another way than as one table; `print` is called for them. */
  things<T extends object>(things: readonly T[], print: (thing: T) => void): void {
    if (this.format === 'table') for (const thing of things) print(thing)
    else this.data(things)
  }

  /** One object: printed by `print`, or as JSON. */
  thing<T extends object>(thing: T, print: (thing: T) => void): void {
    if (this.format === 'table') print(thing)
    else this.line(JSON.stringify(thing, null, this.format === 'json' ? 2 : undefined))
  }

  /** Data, in any format. */
  line(text: string): void {
    if (text !== '') this.streams.stdout.write(`${text}\n`)
  }

  /** What is said about the data, on stderr. */
  note(text: string): void {
    this.streams.stderr.write(`${text}\n`)
  }

  paint(text: string, colour: Colour | undefined): string {
    return colour === undefined || !this.colours ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`
  }

  /** Resolves when `chunk` is out: waits while the reader of stdout is slower than us. */
  write(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return Promise.resolve()
    return new Promise(resolve => this.streams.stdout.write(chunk, () => resolve()))
  }

  private data(things: readonly object[]): void {
    if (this.format === 'json') this.line(JSON.stringify(things, null, 2))
    else this.line(things.map(thing => JSON.stringify(thing)).join('\n'))
  }
}

/** Line ends would break the table, and others move the terminal's cursor: they are shown as JSON has them. */
export function oneLine<T>(cell: T): T | string {
  if (typeof cell !== 'string') return cell
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
  return cell.replace(/[\u0000-\u001f\u007f-\u009f]/g, letter =>
    letter >= '\u007f'
      ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(letter).slice(1, -1),
  )
}

/** Columns as wide as their widest cell; numbers to the right, a dash for nothing. */
export function table<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  paint: (text: string, colour: Colour | undefined) => string = text => text,
): string {
  const cells = rows.map(row => columns.map(({ value }) => oneLine(value(row) ?? '-')))
  const right = columns.map(
    (_, i) => cells.length > 0 && cells.every(row => typeof row[i] === 'number' || row[i] === '-'),
  )
  const width = columns.map(({ title }, i) =>
    cells.reduce((most, row) => Math.max(most, `${row[i]}`.length), title.length),
  )
  const pad = (text: string, i: number) => {
    if (right[i]) return text.padStart(itemAt(width, i))
    return i === columns.length - 1 ? text : text.padEnd(itemAt(width, i))
  }
  const header = columns.map(({ title }, i) => paint(pad(title, i), 'bold')).join('  ')
  const lines = cells.map((row, at) =>
    row
      .map((cell, i) => paint(pad(`${cell}`, i), itemAt(columns, i).colour?.(itemAt(rows, at))))
      .join('  ')
      .trimEnd(),
  )
  return [header.trimEnd(), ...lines].join('\n')
}

/** `12.3 MiB`. */
export function size(bytes: number | null): string | null {
  if (bytes === null) return null
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `1 line`, `2 lines`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
