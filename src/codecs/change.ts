import { DecodeError } from '../errors'
import type { Codec, Serde } from './codec'

/** A table's change on its way through an internal topic: what a group gains, and what it loses. */
interface Change<V> {
  readonly newValue: V | null
  readonly oldValue: V | null
}

const lengthBytes = 4
/** Length of a value that is null. */
const none = 0xffffffff

/** Changes, both parts written by `serde`: two lengths (uint32, big endian; 2^32 - 1 for null), new value, old value. */
export function changeOf<V>(serde: Serde<V>): Serde<Change<V>> {
  return {
    name: `change of ${serde.name}`,
    bind: async context => changeCodec(await serde.bind(context)),
  }
}

function changeCodec<V>(values: Codec<V>): Codec<Change<V>> {
  const encoded = (value: V | null) => (value === null ? null : values.encode(value))
  const part = (buffer: Buffer, start: number, end: number) =>
    start < 0 ? null : (values.decode(buffer, start, end) as V)
  const { load } = values
  return {
    encode: ({ newValue, oldValue }) => {
      const now = encoded(newValue)
      const before = encoded(oldValue)
      const head = Buffer.allocUnsafe(2 * lengthBytes)
      head.writeUInt32BE(now?.length ?? none, 0)
      head.writeUInt32BE(before?.length ?? none, lengthBytes)
      return Buffer.concat([head, ...(now ? [now] : []), ...(before ? [before] : [])])
    },
    decode: (buffer, start, end) => {
      if (start < 0 || end - start < 2 * lengthBytes) throw new DecodeError('a change is two lengths and their values')
      const nowLength = buffer.readUInt32BE(start)
      const beforeLength = buffer.readUInt32BE(start + lengthBytes)
      const now = start + 2 * lengthBytes
      const before = nowLength === none ? now : now + nowLength
      if (before + (beforeLength === none ? 0 : beforeLength) !== end)
        throw new DecodeError(`the ${end - start} bytes are no change: its lengths don't add up`)
      return {
        newValue: part(buffer, nowLength === none ? -1 : now, before),
        oldValue: part(buffer, beforeLength === none ? -1 : before, end),
      }
    },
    ...(load && { load: id => load.call(values, id) }),
  }
}
