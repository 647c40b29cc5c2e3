import { setTimeout as sleep } from 'node:timers/promises'
import { LiveLine } from '../../../src/connectors/mqtt/live/live-line'
import { mqtt } from '../../../src/connectors/mqtt/mqtt-end'
import type { Sink } from '../../../src/connectors/sink'
import { ContentError, FencedError, UnavailableError } from '../../../src/errors'
import type { Log } from '../../../src/log'
import { Outages } from '../../../src/outages'
import { sinkTask } from '../../../src/testing/sink-harness'

const nothing = () => undefined
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing } as unknown as Log

/** A broker that is asked `judge` at each commit, and what it has taken. */
function scene(judge: (texts: readonly string[]) => void) {
  const target = mqtt<string, string>({ topic: 'live/{key}', value: ({ value }) => Buffer.from(value), conflate: true })
  const [arrived, written]: [string[], string[]] = [[], []]
  const sink: Sink = {
    targets: [target],
    open: async () => [0],
    async write(_task, _target, chunk) {
      const { frames, ends } = chunk as unknown as { frames: Buffer; ends: Int32Array }
      let start = 0
      for (const end of ends) {
        written.push(frames.toString('latin1', start, end).slice(4))
        start = end
      }
    },
    async commit() {
      const texts = written.splice(0)
      judge(texts)
      arrived.push(...texts)
    },
    abort: async () => void written.splice(0),
    release: async () => undefined,
    close: async () => undefined,
  }
  const line = new LiveLine({ task: sinkTask(0), sink, log, outages: new Outages({ log }) })
  const offer = (values: readonly string[]) => {
    const encoder = target.encoder()
    for (const [offset, value] of values.entries())
      encoder.encode({ key: value, value: '', timestamp: 0 }, { topic: 'source', partition: 0, offset })
    line.offer(target, encoder.take() as never)
  }
  const until = async (check: () => boolean) => {
    while (!check()) await sleep(5)
  }
  return { line, target, arrived, offer, until }
}

test('what the broker refuses is left out alone, and counted', async () => {
  const { line, target, arrived, offer, until } = scene(texts => {
    if (texts.some(text => text.includes('bad'))) throw new ContentError('refused')
  })
  const good = Array.from({ length: 20 }, (_, i) => `good ${i}`)
  offer([...good.slice(0, 13), 'bad', ...good.slice(13)])
  await until(() => arrived.length >= 20)
  await line.leave()
  expect(arrived.map(text => text.replace('live/', '')).sort()).toEqual([...good].sort())
  expect(target.skipped?.()).toBe(1)
}, 60_000)

test('what may not have arrived comes again, and another owner ends it', async () => {
  let failures = 0
  const { line, arrived, offer, until } = scene(texts => {
    if (texts.some(text => text.includes('fence'))) throw new FencedError('another')
    if (failures++ < 2) throw new UnavailableError('away')
  })
  offer(['a', 'b'])
  await until(() => arrived.length >= 2)
  expect(arrived).toEqual(['live/a', 'live/b'])
  expect(line.fenced).toBeUndefined()
  offer(['fence'])
  await until(() => line.fenced !== undefined)
  await line.leave()
}, 60_000)
