import { isUtf8 } from 'node:buffer'
import { DecodeError, ProcessError } from '../errors'
import type { Codec, Serde } from './codec'

/** Texts kept by one codec: a fleet's keys repeat, and a kept string has its hash at hand. */
const maxKept = 65_536
/** Longest text that is kept: a leading 1 and 6 bytes make an integer below 2^53. */
const maxKeptBytes = 6

const replacement = '\ufffd'

/** Throws DecodeError for what is no UTF-8. */
export function decodeUtf8(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end)
  if (text.includes(replacement) && !isUtf8(buffer.subarray(start, end))) {
    throw new DecodeError(`the text of ${end - start} bytes is no UTF-8`)
  }
  return text
}

const loneSurrogate = /\p{Surrogate}/u

/** False for half of a surrogate pair: UTF-8 would have U+FFFD in its place. */
export const isUnicode = (text: string): boolean => !loneSurrogate.test(text)

class TextCodec implements Codec<string> {
  private readonly kept = new Map<number, string>()

  encode(value: string): Buffer | null {
    if (value === null || value === undefined) return null
    if (!isUnicode(value)) throw new ProcessError('the text has half of a surrogate pair, which UTF-8 has no form for')
    return Buffer.from(value, 'utf8')
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

/** UTF-8 text (Kafka Streams' `Serdes.String`); bytes that are no UTF-8 are a DecodeError, half of a surrogate pair a ProcessError. Null stays null. */
export const text: Serde<string> = {
  name: 'text',
  bind: async () => new TextCodec(),
}
