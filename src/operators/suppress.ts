import { TopologyError } from '../errors'
import type { Windowed } from '../record'
import type { HeldUpdate, SuppressBuffer } from '../state/suppress-buffer'
import { type Change, type Compile, type Emit, step } from './operator'
import { OperatorTime } from './operator-time'

/**
 * Holds a table's updates back: until their window has closed, or for a while, the latest one a key. `KTableSuppressProcessor`
 * (KIP-328).
 */
export const suppress: Compile<'suppress'> = (node, context) => {
  const { store, until, delayMs, maxRecords, maxBytes, whenFull } = node.spec
  const buffer = context.store<SuppressBuffer>(store)
  const time = new OperatorTime(node, context)
  const parent = node.parents[0]!
  const isFinal = until === 'windowCloses'

  const release = (held: HeldUpdate, emit: Emit) => {
    const { key, newValue, oldValue, timestamp } = held
    // A window that came to nothing has no final result.
    if (!isFinal || newValue !== null) {
      if (isFinal) context.count('windowsClosed', node, 1)
      // Still held meanwhile, as in Kafka Streams: a join downstream that reads this table doesn't see the update yet.
      context.emitResult(node, key, newValue, () =>
        emit({ key, value: { newValue, oldValue } satisfies Change, timestamp }),
      )
    }
    buffer.delete(key)
  }

  const isFull = () =>
    (maxRecords !== undefined && buffer.size > maxRecords) || (maxBytes !== undefined && buffer.bytes > maxBytes)

  const releaseDue = (emit: Emit) => {
    for (let held = buffer.first(); held !== undefined; held = buffer.first()) {
      if (held.time > time.value - delayMs) return
      release(held, emit)
    }
  }

  const releaseExcess = (emit: Emit) => {
    while (isFull()) {
      if (whenFull === 'shutDown')
        throw new TopologyError(
          `step ${node.name}: its buffer is full (${buffer.size} records, ${buffer.bytes} bytes); raise its limit, or let it emit early with whenFull: 'emit'`,
        )
      release(buffer.first()!, emit)
    }
  }

  let out: Emit = () => {}
  const bind = (emit: Emit) => {
    out = emit
  }
  context.onAdvance(timeMs => {
    if (time.advance(timeMs)) releaseDue(out)
  })

  return {
    inputs: [
      step(
        node,
        context,
        ({ key, value, timestamp }, emit) => {
          time.observe(timestamp)
          const { newValue, oldValue } = value as Change
          const bytesOf =
            maxBytes === undefined
              ? undefined
              : (prior: unknown) => sizeOf(key, [prior, oldValue, newValue], context.origin.topic)
          const order = isFinal ? (key as Windowed<unknown>).window.end : timestamp
          buffer.put(key, order, { value: newValue, oldValue, timestamp }, bytesOf)
          releaseDue(emit)
          releaseExcess(emit)
        },
        bind,
      ),
    ],
    getter: {
      get: key => {
        const held = buffer.get(key)
        if (held === undefined) return context.getter(parent).get(key)
        // The timestamp of what downstream has seen isn't known any more.
        return held.prior === null ? undefined : { value: held.prior, timestamp: -1 }
      },
    },
  }
}

/** Bytes of a long. */
const long = 8

/** Kafka Streams' estimate of what an update takes, over JSON: buffer time, key, values, and the record's context. */
function sizeOf(key: unknown, [prior, old, latest]: [unknown, unknown, unknown], topic: string): number {
  const priorText = textOf(prior)
  const oldText = textOf(old)
  const values = bytesIn(priorText) + (oldText === priorText ? 0 : bytesIn(oldText)) + bytesIn(textOf(latest))
  const context = 2 * long + 4 + topic.length
  return long + keyBytes(key) + values + context
}

function keyBytes(key: unknown): number {
  const windowed = key as Partial<Windowed<unknown>> | null
  if (windowed?.window !== undefined) return keyBytes(windowed.key) + long + 4
  return bytesIn(typeof key === 'string' ? key : textOf(key))
}

const textOf = (value: unknown) => (value === null || value === undefined ? '' : JSON.stringify(value))
const bytesIn = (text: string) => Buffer.byteLength(text)
