import { json, text, topology } from '../../src'
import { type Codec, SchemaMissing } from '../../src/codecs/codec'
import type { OutputRecord } from '../../src/connectors/ledger'
import type { Batch, Reader, TopicPartition } from '../../src/connectors/source'
import type { CodecBook } from '../../src/engine/task/codec-book'
import { GlobalFollower } from '../../src/engine/worker/global-follower'
import { GlobalState } from '../../src/engine/worker/global-state'
import { DecodeError, UnavailableError } from '../../src/errors'
import { batchOf, MemoryKafka } from '../../src/testing/memory-kafka'

const serdes = { key: text, value: json<string>() }
const built = topology('global', s => {
  const rows = s.globalTable('rows', serdes)
  const timed = s.globalTable('timed', {
    ...serdes,
    timestamp: (value, key, logged) => {
      if (value === 'undated') throw new Error('no date in it')
      return Number(`${key}${value}`) + logged
    },
  })
  s.stream('in', serdes)
    .join(rows, { keyMapper: key => key, joiner: (_, row) => row })
    .join(timed, { keyMapper: key => key, joiner: (_, row) => row })
    .to('out', serdes)
})

const plain: Codec<string | null> = {
  encode: value => (value === null ? null : Buffer.from(value)),
  decode: (buffer, start, end) => {
    if (start < 0) return null
    const read = buffer.toString('utf8', start, end)
    if (read.startsWith('!')) throw new DecodeError(`${read} can't be read`)
    return read
  },
}

const booked = (value: Codec<string | null> = plain): CodecBook =>
  new Map(built.nodes.map(({ id }) => [id, { key: plain, value }]))

const record = (key: string | null, value: string | null, timestamp = 7): OutputRecord => ({
  ...{ key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value), timestamp },
})

/** The state of both tables, what they hold by topic, and what could not be read. */
function scene(codecs = booked()) {
  const bad: unknown[][] = []
  const state = new GlobalState(built, codecs, (...all) => bad.push(all))
  const [rows, timed] = [...state.stores.values()]
  const held = (key: string, store = rows) => (store as unknown as { get(key: string): unknown }).get(key)
  const kafka = new MemoryKafka(2)
  const batch = (topic: string, ...records: OutputRecord[]) => {
    const at = { topic, partition: 1 }
    return batchOf(
      at,
      records.map(each => kafka.append(at, each)),
    )
  }
  return { bad, state, rows, timed, held, kafka, batch }
}

describe('the state of global tables', () => {
  it('holds the last value of each key of its topics, with the time of its record', async () => {
    const { state, batch, held, bad, rows } = scene()
    expect(state.topics).toEqual(['rows', 'timed'])
    await state.apply(batch('rows', record('a', '1'), record('b', '2', 8), record('a', '3', 9), record('c', '4')))
    await state.apply(batch('rows', record('c', null), record(null, '5'), record('d', null)))
    expect(['a', 'b', 'c', 'd'].map(key => held(key))).toEqual([
      { value: '3', timestamp: 9 },
      { value: '2', timestamp: 8 },
      undefined,
      undefined,
    ])
    // Nor is there anything under no key.
    expect((rows as unknown as { size: number }).size).toBe(2)
    expect(bad).toEqual([])
  })

  it('takes the time that its source says', async () => {
    const { state, batch, held, timed } = scene()
    await state.apply(batch('timed', record('1', '2', 100)))
    expect(held('1', timed)).toEqual({ value: '2', timestamp: 112 })
  })

  it('passes over what can not be read, says where it is, and goes on', async () => {
    const { state, batch, held, timed, bad, rows } = scene()
    await state.apply(batch('rows', record('a', '1'), record('!b', '2'), record('c', '!3'), record('d', '4')))
    await state.apply(batch('timed', record('7', 'undated')))
    expect(bad).toEqual([
      ['rows', 1, 1, expect.any(DecodeError)],
      ['rows', 1, 2, expect.any(DecodeError)],
      ['timed', 1, 0, expect.any(DecodeError)],
    ])
    expect(['a', 'c', 'd'].map(key => held(key, rows))).toMatchObject([{ value: '1' }, undefined, { value: '4' }])
    expect(held('7', timed)).toBeUndefined()
  })

  it('says what of the log is damaged, from the first offset of it', async () => {
    const { state, batch, bad, held } = scene()
    const range = { topic: 'rows', partition: 1, lastOffset: 9, before: 0, timestamp: -1, bytes: Buffer.alloc(0) }
    const damaged = [3, 6].map(firstOffset => ({ ...range, firstOffset, reason: `damage at ${firstOffset}` }))
    await state.apply({ ...batch('rows', record('a', '1')), damaged })
    expect(bad).toEqual([3, 6].map(offset => ['rows', 1, offset, new DecodeError(`damage at ${offset}`)]))
    expect(held('a')).toMatchObject({ value: '1' })
  })

  it('is nothing of other topics', async () => {
    const { state, batch, bad } = scene()
    await state.apply({ ...batch('other', record('a', '!1')), damaged: [{ firstOffset: 0, reason: 'no' } as never] })
    expect(bad).toEqual([])
  })

  it('fetches each schema that is missing, and fails where that fails', async () => {
    const loaded = new Set<number>()
    const asked: number[] = []
    const missing: Codec<string | null> = {
      ...plain,
      decode: (buffer, start, end) => {
        const id = [1, 2].find(each => !loaded.has(each))
        if (id !== undefined) throw new SchemaMissing(id)
        return plain.decode(buffer, start, end)
      },
      load: async id => {
        asked.push(id)
        loaded.add(id)
      },
    }
    const { state, batch, held } = scene(booked(missing))
    await state.apply(batch('rows', record('a', '1'), record('b', '2')))
    expect(asked).toEqual([1, 2])
    expect(held('b')).toMatchObject({ value: '2' })
    const down = new UnavailableError('the registry is away')
    loaded.clear()
    const failing = { ...missing, load: () => Promise.reject(down) }
    const other = scene(booked(failing))
    await expect(other.state.apply(other.batch('rows', record('a', '1')))).rejects.toBe(down)
    const { load: _, ...without } = missing
    const third = scene(booked(without))
    await expect(third.state.apply(third.batch('rows', record('a', '1')))).rejects.toThrow(SchemaMissing)
  })
})

describe('the follower of global tables', () => {
  /** A follower of `rows`, whose partitions and batches the test decides on. */
  function following() {
    const { state, batch, held } = scene()
    const counts = new Map([['rows', 1]])
    const reads: TopicPartition[] = []
    const sought: [number, number][] = []
    const errors: Error[] = []
    let [readers, closed] = [0, 0]
    const queue: Batch[] = []
    const reader: Partial<Reader> = {
      seek: ({ partition }, offset) => void sought.push([partition, offset]),
      take: ({ partition }) => {
        const i = queue.findIndex(each => each.partition === partition)
        return i < 0 ? undefined : queue.splice(i, 1)[0]
      },
      close: async () => void closed++,
    }
    const log: Batch[] = []
    const broker = {
      partitionCounts: async () => counts,
      async *readPartition(at: TopicPartition) {
        reads.push(at)
        yield* log.filter(({ partition }) => partition === at.partition)
      },
      createReader: () => {
        readers++
        return reader as Reader
      },
    }
    const follower = new GlobalFollower(state, broker as never, error => errors.push(error))
    const figures = () => ({ readers, closed })
    return { follower, state, batch, held, counts, reads, sought, errors, reader, queue, log, figures }
  }
  const turn = () => new Promise(setImmediate)
  const at = (partition: number) => ({ topic: 'rows', partition })

  it('reads each partition once, to its end, and follows it from there', async () => {
    const { follower, batch, counts, reads, sought, log, held, figures } = following()
    log.push({ ...batch('rows', record('a', '1')), partition: 0, nextOffset: 4 })
    log.push({ ...batch('rows', record('b', '2')), partition: 0, nextOffset: 9 })
    await follower.start()
    expect([reads, sought]).toEqual([[at(0)], [[0, 9]]])
    expect(held('b')).toMatchObject({ value: '2' })
    await follower.start()
    counts.set('rows', 3)
    log.push({ ...batch('rows', record('c', '3')), partition: 2, nextOffset: 5 })
    await follower.start()
    expect(reads).toEqual([0, 1, 2].map(at))
    expect(sought).toEqual([
      [0, 9],
      [1, 0],
      [2, 5],
    ])
    expect(figures()).toEqual({ readers: 1, closed: 0 })
    await follower.close()
    expect(figures().closed).toBe(1)
  })

  it('tells partitions of the same number apart by their topics', async () => {
    const { follower, counts, reads } = following()
    await follower.start()
    counts.set('timed', 1)
    await follower.start()
    expect(reads).toEqual([at(0), { topic: 'timed', partition: 0 }])
  })

  it('applies what its reader has, of every partition that it follows, and says what fails', async () => {
    const { follower, batch, counts, queue, reader, held, errors, state } = following()
    counts.set('rows', 2)
    await follower.start()
    queue.push({ ...batch('rows', record('a', '1')), partition: 0 })
    queue.push({ ...batch('rows', record('b', '2')), partition: 1 })
    queue.push({ ...batch('rows', record('a', '3')), partition: 0 })
    reader.onReady?.()
    await turn()
    expect(['a', 'b'].map(key => held(key))).toMatchObject([{ value: '3' }, { value: '2' }])
    const fault = new Error('a bug')
    jest.spyOn(state, 'apply').mockRejectedValueOnce(fault)
    queue.push({ ...batch('rows', record('a', '4')), partition: 0 })
    reader.onReady?.()
    await turn()
    queue.push({ ...batch('rows', record('b', '5')), partition: 1 })
    reader.onReady?.()
    await turn()
    expect(errors).toEqual([fault])
    expect(held('b')).toMatchObject({ value: '5' })
    const away = new UnavailableError('Kafka is away')
    reader.onError?.(away, at(0))
    expect(errors).toEqual([fault, away])
  })

  it('knows its stores by their names, and asks for nothing where there are no global tables', async () => {
    const { follower, state } = following()
    const [name, store] = [...state.stores][0]!
    expect([follower.store(name), follower.store('another')]).toEqual([store, undefined])
    expect(follower.topics).toEqual(['rows', 'timed'])
    const none = topology('none', s => {
      s.stream('in', serdes).to('out', serdes)
    })
    const asked = jest.fn()
    const idle = new GlobalFollower(new GlobalState(none, new Map()), { partitionCounts: asked } as never, () => {})
    await idle.start()
    await idle.close()
    expect(asked).not.toHaveBeenCalled()
  })
})
