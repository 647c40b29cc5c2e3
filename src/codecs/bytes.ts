import type { Codec, Serde } from './codec'

const codec: Codec<Buffer> = {
  encode: value => value ?? null,
  // A copy: a slice would keep the whole fetch response alive.
  decode: (buffer, start, end) => (start < 0 ? (null as never) : Buffer.from(buffer.subarray(start, end))),
}

/** The bytes as they are (Kafka Streams' `Serdes.ByteArray`). Null stays null. */
export const bytes: Serde<Buffer> = {
  name: 'bytes',
  bind: async () => codec,
}
