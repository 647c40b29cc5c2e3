import type { Sink } from '../connectors/sink'
import { ContentError } from '../errors'
import type { StreamRecord } from '../record'
import { required } from '../required'
import { at, type SinkHarness, sinkTask, topic, write } from './sink-harness'
import type { SinkPromiseTests } from './sink-promise'

/** The number, and the offset, of the record that is refused. */
const refusedAt = 3

/** Writes records 1 to 5 of a partition, of which the third is one that the end refuses, and commits. Gives what it is refused for. */
async function refusalOf(sink: Sink, harness: SinkHarness, refused: StreamRecord): Promise<unknown> {
  const encoder = harness.target.encoder()
  for (let n = 1; n <= 5; n++)
    encoder.encode(n === refusedAt ? refused : harness.record(n), { topic, partition: 0, offset: n })
  try {
    await sink.write('0_0', harness.target, required(encoder.take(), 'a chunk'))
    await sink.commit([at(0, 6)])
  } catch (error) {
    return error
  }
  return undefined
}

const refusedOf = ({ refused }: SinkHarness): StreamRecord => {
  if (refused === undefined) throw new TypeError('the harness of an end that refuses needs `refused`: such a record')
  return refused
}

/** What a sink promises whose end refuses records for what they are, beyond what its encoder knows. */
export const refusalPromises: SinkPromiseTests = {
  'tells a refusal from a failure, and names its record or none': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    const error = await refusalOf(sink, end, refusedOf(end))
    expect(error).toBeInstanceOf(ContentError)
    const { position } = error as ContentError
    if (position !== undefined) expect(position).toEqual({ topic, partition: 0, offset: refusedAt })
  },

  'is broken after a refusal until it is opened again': async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    await refusalOf(sink, end, refusedOf(end))
    await expect(write(sink, end, 0, 6, 6)).rejects.toThrow(ContentError)
    await expect(sink.commit([at(0, 7)])).rejects.toThrow(ContentError)
    await sink.abort()
    await sink.open([sinkTask(0)])
    await write(sink, end, 0, 6, 6)
    await sink.commit([at(0, 7)])
    expect(await end.stored(1)).toContain(6)
  },

  'stores what came with a refused record once it is written again, and never that': async ({
    create,
    end,
    transactional,
  }) => {
    const sink = create()
    await sink.open([sinkTask(0), sinkTask(1)])
    await write(sink, end, 1, 11, 12)
    await refusalOf(sink, end, refusedOf(end))
    await sink.abort()
    if (transactional) expect(await end.stored(0)).toEqual([])
    // No position has moved with what was refused.
    expect(await sink.open([sinkTask(0), sinkTask(1)])).toEqual([0, 0])
    await write(sink, end, 0, 1, 2)
    await write(sink, end, 0, 4, 5)
    await write(sink, end, 1, 11, 12)
    await sink.commit([at(0, 6), at(1, 13)])
    const stored = await end.stored(6)
    // At least once: what was delivered before comes again.
    const each = transactional ? stored : [...new Set(stored)]
    expect(each.filter(n => n < 10)).toEqual([1, 2, 4, 5])
    expect(each.filter(n => n > 10)).toEqual([11, 12])
  },

  'refuses the same record again, however often it is written': async ({ create, end }) => {
    const sink = create()
    for (let attempt = 0; attempt < 3; attempt++) {
      await sink.open([sinkTask(0)])
      expect(await refusalOf(sink, end, refusedOf(end))).toBeInstanceOf(ContentError)
      await sink.abort()
    }
  },
}
