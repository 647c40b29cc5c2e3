import { DecodeError } from '../errors'
import type { Windowed } from '../record'
import type { Codec, KeySerde, Serde, WindowShape } from './codec'
import { text } from './text'

const LONG = 8

/**
 * Windowed keys as Kafka Streams' `WindowedSerdes` write them: the key's bytes, then the window's start, for sessions its end and
 * its start (ms, int64 big endian). Of other windows the end isn't written: it follows from `windows`, those of the step. `to` places
 * them by the key alone, as Kafka Streams' `WindowedStreamPartitioner` does: all windows of a key are in one partition, in order.
 */
export function windowed<K>(key: Serde<K>, windows: WindowShape): Serde<Windowed<K>> {
  return {
    name: `windowed ${key.name}`,
    bind: async context => {
      const keys = await key.bind(context)
      return windows.type === 'session' ? sessionCodec(keys) : timeCodec(keys, lengthOf(windows))
    },
  }
}

/** The serde of keys that weir writes itself; text where nothing is said. */
export function keySerde(key: KeySerde | undefined): Serde<unknown> {
  if (key === undefined) return text
  return 'windows' in key ? windowed(keySerde(key.inner), key.windows) : key
}

const lengthOf = (windows: Exclude<WindowShape, { type: 'session' }>): number =>
  windows.type === 'time' ? windows.sizeMs : windows.timeDifferenceMs

function timeCodec<K>(keys: Codec<K>, lengthMs: number): Codec<Windowed<K>> {
  return codec(keys, LONG, {
    write: (buffer, at, { start }) => writeLong(buffer, at, start),
    read: (buffer, at) => {
      const start = readLong(buffer, at)
      return { start, end: start + lengthMs }
    },
  })
}

function sessionCodec<K>(keys: Codec<K>): Codec<Windowed<K>> {
  return codec(keys, 2 * LONG, {
    write: (buffer, at, { start, end }) => {
      writeLong(buffer, at, end)
      writeLong(buffer, at + LONG, start)
    },
    read: (buffer, at) => ({ start: readLong(buffer, at + LONG), end: readLong(buffer, at) }),
  })
}

interface WindowBytes {
  write(buffer: Buffer, at: number, window: Windowed<unknown>['window']): void
  read(buffer: Buffer, at: number): Windowed<unknown>['window']
}

function codec<K>(keys: Codec<K>, size: number, window: WindowBytes): Codec<Windowed<K>> {
  const { load } = keys
  return {
    encode: value => {
      if (value === null || value === undefined) return null
      const key = keys.encode(value.key) ?? Buffer.alloc(0)
      const bytes = Buffer.concat([key], key.length + size)
      window.write(bytes, key.length, value.window)
      return bytes
    },
    decode: (buffer, start, end) => {
      if (start < 0) return null as never
      if (end - start < size)
        throw new DecodeError(`a windowed key ends with ${size} bytes of its window, and these are ${end - start}`)
      return { key: keys.decode(buffer, start, end - size), window: window.read(buffer, end - size) }
    },
    placed: bytes => bytes.subarray(0, bytes.length - size),
    ...(load && { load: id => load.call(keys, id) }),
  }
}

const writeLong = (buffer: Buffer, at: number, value: number): void => void buffer.writeBigInt64BE(BigInt(value), at)

function readLong(buffer: Buffer, at: number): number {
  const time = Number(buffer.readBigInt64BE(at))
  if (Number.isSafeInteger(time)) return time
  throw new DecodeError("the window's time is beyond 2^53 ms, which a number does not hold exactly")
}
