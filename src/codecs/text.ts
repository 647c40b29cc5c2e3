import { isUtf8 } from 'node:buffer'
import { DecodeError } from '../errors'
import type { Codec, Serde } from './codec'

/** Texts kept by one codec: a fleet's keys repeat, and a kept string has its hash at hand. */
const maxKept = 65_536
/** Longest text that is kept: a leading 1 and 6 bytes make an integer below 2^53. */
const maxKeptBytes = 6

const replacement = '\ufffd'

function decodeUtf8(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end)
  if (text.includes(replacement) && !isUtf8(buffer.subarray(start, end))) {
    throw new DecodeError(`the text of ${end - start} bytes is no UTF-8`)
  }
  return text
}

class TextCodec implements Codec<string> {
  private readonly kept = new Map<number, string>()

  encode(value: string): Buffer | null {
    return value === null || value === undefined ? null : Buffer.from(value, 'utf8')
  }

  decode(buffer: Buffer, start: number, end: number): string {
    if (start < 0) return null as never
    if (end - start > maxKeptBytes) return decodeUtf8(buffer, start, end)
    let packed = 1
    for (let i = start; i < end; i++) packed = packed * 256 + (buffer[i] as number)
    const known = this.kept.get(packed)
    if (known !== undefined) return known
    const text = decodeUtf8(buffer, start, end)
    if (this.kept.size >= maxKept) this.kept.clear()
    this.kept.set(packed, text)
    return text
  }
}

/** UTF-8 text (Kafka Streams' `Serdes.String`); bytes that are no UTF-8 are a DecodeError. Null stays null. */
export const text: Serde<string> = {
  name: 'text',
  bind: async () => new TextCodec(),
}
