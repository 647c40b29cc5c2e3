import { StringDecoder } from 'node:string_decoder'

/** A longer line than this is a mistake (a file without line ends): Kafka's own limit of a record is 1 MiB. */
const MAX_LINE = 64 * 1024 * 1024

/** Cuts a stream into lines (without `\n` and `\r\n`), all of a chunk at once; the last one needs no end. */
export async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk)
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    if (rest.length > MAX_LINE) throw new Error(`a line is longer than ${MAX_LINE} characters`)
    if (lines.length > 0) yield lines.map(withoutReturn)
  }
  rest += decoder.end()
  if (rest !== '') yield [withoutReturn(rest)]
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line)
