import fc from 'fast-check'
import { json, text, topology, tumbling } from '../../../src'
import { MemoryEnd } from '../../../src/connectors/memory/memory-end'
import { memory } from '../../../src/connectors/memory/memory-target'
import { CommitSpans } from '../../../src/engine/observe/traces/commit-spans'
import { parseSampled, traceparentOf } from '../../../src/engine/observe/traces/traceparent'
import { planOf } from '../../../src/engine/plan/plan'
import { systemClock } from '../../../src/engine/task/clock'
import { MemoryWorker } from '../../testing/memory-worker'
import { RecordedSpans } from './recorded-spans'

const serdes = { key: text, value: json<number>() }
const rows = memory<string, number>({ name: 'rows' })
const job = topology('job', streams => {
  const source = streams.stream('in', serdes)
  source.to(rows)
  source.mapValues(value => value + 1).to('out', serdes)
  source
    .groupBy(value => String(value % 2), { name: 'by-parity' })
    .windowedBy(tumbling({ sizeMs: 1_000, graceMs: 0 }), { emit: 'onWindowClose' })
    .count({ name: 'counts' })
    .toStream({ key: (_, { key }) => key })
    .to('counted', serdes)
})

const producer = 'aaaaaaaaaaaaaaaa'
const headerOf = (spanId: string, flags = 1) => ({
  traceparent: traceparentOf({ traceId: `${spanId}${spanId}`, spanId, traceFlags: flags }),
})

async function scene(samples = true) {
  const end = new MemoryEnd()
  const spans = new RecordedSpans(samples)
  const plan = planOf(job)
  const started = await MemoryWorker.start(
    job,
    {
      topics: { in: 1, out: 1, counted: 1 },
      ends: { exactly_once: end, at_least_once: new MemoryEnd() },
      traces: worker => new CommitSpans({ plan, tracer: spans, worker, clock: systemClock }),
    },
    () => undefined,
  )
  const write = (value: number, timestamp: number, headers?: Record<string, Buffer>) =>
    started.broker.write(
      { topic: 'in', partition: 0 },
      { key: Buffer.from('k'), value: Buffer.from(String(value)), timestamp, ...(headers && { headers }) },
    )
  const marksOf = (topic: string) =>
    started.read(topic).map(({ headers }) => headers?.traceparent && String(headers.traceparent))
  return { end, spans, started, write, marksOf, stop: () => started.stop() }
}

test('a commit is a span, linked to the sampled records that it takes, with one for each end and for Kafka within', async () => {
  const { spans, started, write, stop } = await scene()
  write(1, 10, headerOf(producer))
  write(2, 20, headerOf('bbbbbbbbbbbbbbbb', 0))
  await started.settled()
  await stop()
  const [commit, ...others] = spans.linkedTo(producer).filter(({ name }) => name === 'process in')
  expect(others).toEqual([])
  expect(commit).toMatchObject({
    kind: 'consumer',
    links: [{ traceId: `${producer}${producer}`, spanId: producer, traceFlags: 1 }],
    facts: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'in',
      'messaging.consumer.group.name': 'job',
    },
    ended: { error: undefined },
  })
  expect(spans.linkedTo('bbbbbbbbbbbbbbbb')).toEqual([])
  const within = spans.all.filter(({ parent }) => parent?.context.spanId === commit?.context.spanId)
  expect(within.map(({ name, kind }) => [name, kind]).sort()).toEqual([
    ['commit kafka', 'producer'],
    ['commit memory', 'client'],
  ])
  expect(spans.all.every(({ ended }) => ended !== undefined)).toBe(true)
}, 20_000)

test('what a sampled commit writes bears its traceparent, what holds state does not; the steps behind are linked to it', async () => {
  const { spans, started, write, marksOf, stop } = await scene(false)
  write(1, 10)
  await started.settled()
  write(2, 20, headerOf(producer))
  await started.settled()
  await stop()
  const commit = spans.linkedTo(producer)[0]
  if (commit === undefined) throw new Error('no commit is linked')
  const mark = String(traceparentOf(commit.context))
  expect(marksOf('out')).toEqual([undefined, mark])
  expect(marksOf('job-by-parity-repartition').filter(each => each === mark)).toHaveLength(1)
  expect(spans.linkedTo(commit.context.spanId).map(({ name }) => name)).toEqual(['process job-by-parity-repartition'])
  const state = started.broker.kafka.log.filter(({ topic }) => topic.endsWith('-changelog'))
  expect(state.length).toBeGreaterThan(0)
  expect(state.filter(({ headers }) => headers?.traceparent !== undefined)).toEqual([])
}, 20_000)

test('through a window: the commit that closes it is linked to those whose records went into it, and later ones are not', async () => {
  const { spans, started, write, marksOf, stop } = await scene(false)
  write(2, 10, headerOf(producer))
  await started.settled()
  const first = spans.linkedTo(producer)[0]
  if (first === undefined) throw new Error('no commit is linked')
  const [into, ...more] = spans.linkedTo(first.context.spanId)
  if (into === undefined) throw new Error('nothing went into the window')
  expect([more, marksOf('counted')]).toEqual([[], []])
  write(2, 1_500)
  await started.until(() => started.read('counted').length === 1)
  const closing = spans.linkedTo(first.context.spanId).filter(each => each !== into)
  expect(closing).toHaveLength(1)
  expect(marksOf('counted')).toEqual(closing.map(({ context }) => String(traceparentOf(context))))
  write(2, 5_000)
  await started.until(() => started.read('counted').length === 2)
  await started.settled()
  write(2, 9_000)
  await started.until(() => started.read('counted').length === 3)
  expect(marksOf('counted')[2]).toBeUndefined()
  await stop()
}, 20_000)

test('a commit that fails is an error, and the one that takes its records is linked to them', async () => {
  const { end, spans, started, write, stop } = await scene(false)
  end.failNextCommit = 'before'
  write(1, 10, headerOf(producer))
  await started.settled()
  await stop()
  const linked = spans.linkedTo(producer).map(({ ended }) => ended?.error?.name)
  expect(linked).toEqual([expect.any(String), undefined])
  expect(spans.all.find(({ name, ended }) => name === 'commit memory' && ended?.error !== undefined)).toBeDefined()
}, 20_000)

test('once something was refused for its content nothing more is put on it, so that a record is never refused for its mark', async () => {
  const { end, started, write, marksOf, stop } = await scene()
  write(1, 10)
  await started.settled()
  expect(marksOf('out')[0]).toBeDefined()
  end.refuses = ({ record }) =>
    record.value === 13 ? { reason: 'unlucky', at: 'commit', saysWhich: false } : undefined
  write(13, 20)
  write(14, 30)
  await started.settled()
  expect(started.read('in_dead_letters')).toHaveLength(1)
  expect(marksOf('out').slice(1)).toEqual([undefined])
  await stop()
}, 20_000)

test('headers that are none, or of another form, are no link', () => {
  const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  expect(parseSampled(Buffer.from(good))).toEqual({
    ...{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 },
  })
  // A later version may add to it; flags that nobody knows yet are left alone.
  expect(parseSampled(Buffer.from(`01${good.slice(2, -2)}ff-more`))).toBeDefined()
  for (const bad of [
    ...[
      '',
      'x',
      good.slice(0, -3),
      `${good}-more`,
      `ff${good.slice(2)}`,
      good.toUpperCase(),
      good.replace(/-01$/, '-00'),
    ],
    ...[`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
  ])
    expect([bad, parseSampled(Buffer.from(bad))]).toEqual([bad, undefined])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const found = parseSampled(Buffer.from(bytes))
      if (found !== undefined) expect(found.traceId).toMatch(/^[0-9a-f]{32}$/)
    }),
  )
})
