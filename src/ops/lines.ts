import { isUtf8 } from 'node:buffer'

/** A longer line than this is a mistake (a file without line ends): Kafka's own limit of a record is 1 MiB. */
const MAX_LINE = 64 * 1024 * 1024
const NEWLINE = 0x0a
const RETURN = 0x0d

/** Cuts a stream into lines (without `\n` and `\r\n`), all of a chunk at once; the last one needs no end. */
export async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string[]> {
  for await (const lines of rawLinesOf(input)) yield lines.map(line => line.toString())
}

/** The same; a line that is no UTF-8 comes as the bytes that it is. */
export async function* rawLinesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<(string | Buffer)[]> {
  let open: Buffer[] = []
  let length = 0
  for await (const given of input) {
    const chunk = typeof given === 'string' ? Buffer.from(given) : given
    const end = chunk.lastIndexOf(NEWLINE)
    if (end >= 0) {
      yield cut(Buffer.concat([...open, chunk.subarray(0, end)]))
      open = []
      length = 0
    }
    open.push(chunk.subarray(end + 1))
    length += chunk.length - end - 1
    if (length > MAX_LINE) throw new Error(`a line is longer than ${MAX_LINE} bytes`)
  }
  if (length > 0) yield cut(Buffer.concat(open))
}

function cut(bytes: Buffer): (string | Buffer)[] {
  if (isUtf8(bytes)) {
    const lines = bytes.toString('utf8').split('\n')
    return lines.map(line => (line.endsWith('\r') ? line.slice(0, -1) : line))
  }
  const lines: (string | Buffer)[] = []
  for (let from = 0; from <= bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, from)
    const end = found < 0 ? bytes.length : found
    const line = bytes.subarray(from, end > from && bytes[end - 1] === RETURN ? end - 1 : end)
    lines.push(isUtf8(line) ? line.toString('utf8') : line)
    from = end + 1
  }
  return lines
}
