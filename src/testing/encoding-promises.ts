import type { Encoder } from '../connectors/sink'
import { type Position, ProcessError } from '../errors'
import { required } from '../required'
import { at, sinkTask, topic } from './sink-harness'
import type { SinkPromiseTests } from './sink-promise'

/** What every target promises of its encoder. */
export const encodingPromises: SinkPromiseTests = {
  "refuses a bad record alone, and takes back a mark's": async ({ create, end }) => {
    const sink = create()
    await sink.open([sinkTask(0)])
    const encoder: Encoder = end.target.encoder()
    const origin: Position = { topic, partition: 0, offset: 1 }
    expect(encoder.take()).toBeUndefined()
    encoder.encode(end.record(1), origin)
    expect(() => encoder.encode(end.bad, { ...origin, offset: 2 })).toThrow(ProcessError)
    const mark = encoder.mark()
    const { bytes } = encoder
    encoder.encode(end.record(3), { ...origin, offset: 3 })
    expect(encoder.bytes).toBeGreaterThan(bytes)
    encoder.reset(mark)
    expect(encoder.bytes).toBe(bytes)
    encoder.encode(end.record(4), { ...origin, offset: 4 })
    const chunk = required(encoder.take(), 'a chunk')
    expect(chunk.count).toBe(2)
    await sink.write('0_0', end.target, chunk)
    await sink.commit([at(0, 5)])
    expect(await end.stored(2)).toEqual([1, 4])
  },
}
