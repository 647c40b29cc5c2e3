import { isUtf8 } from 'node:buffer'
import { parseExact, stringifyExact } from '../codecs/exact-json'
import type { JsonBytes } from './json-bytes'
import { headerBytes, SchemaForm } from './schema-form'

/** JSON of several lines as it is shown. Line ends stand between its tokens only. */
export const onOneLine = (json: string): string => json.replace(/[\r\n]/g, ' ')

/** Values of a JSON Schema: their text, behind its id. What it allows is for those who write to the topic to say. */
export class JsonForm extends SchemaForm {
  readonly kind = 'json'

  constructor(private readonly id: number) {
    super()
  }

  show(buffer: Buffer, start: number, end: number, to: JsonBytes): boolean {
    const bytes = buffer.subarray(start + headerBytes, end)
    if (!isUtf8(bytes)) throw new Error('they are no UTF-8')
    const text = bytes.toString('utf8')
    parseExact(text)
    to.utf8(onOneLine(text))
    return false
  }

  encode(value: unknown): Buffer {
    const head = Buffer.alloc(headerBytes)
    head.writeInt32BE(this.id, 1)
    return Buffer.concat([head, Buffer.from(stringifyExact(value), 'utf8')])
  }
}
