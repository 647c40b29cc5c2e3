import { json, text, topology, tumbling } from '../../../../src'
import type { Output } from '../../../../src/connectors/ledger'
import { CommitSpans } from '../../../../src/engine/observe/traces/commit-spans'
import { planOf } from '../../../../src/engine/plan/plan'
import type { Task } from '../../../../src/engine/task/task'
import { ContentError } from '../../../../src/errors'
import { batchOf } from '../../../../src/testing/memory-kafka'
import { RecordedSpans } from '../recorded-spans'

const serdes = { key: text, value: json<any>() }
const plan = planOf(
  topology('app', s => {
    const grouped = s.stream('in', serdes).groupByKey()
    grouped.windowedBy(tumbling({ sizeMs: 60, graceMs: 40 })).count({ name: 'n' })
  }),
)
const digits = (n: number, length: number) => n.toString(16).padStart(length, '0')
const traceparent = (n: number) => Buffer.from(`00-${digits(n, 32)}-${digits(n, 16)}-01`)

function world(samples = true) {
  const spans = new RecordedSpans(samples)
  const time = { ms: 0 }
  const commits = new CommitSpans({ plan, tracer: spans, worker: 'w', clock: { monotonic: () => time.ms } })
  return { spans, time, commits }
}
const input = (topic: string, partition: number, position: number) => ({ topic, partition, position })
const task = (inputs: readonly object[] = [input('in', 0, 1)], more: object = {}) =>
  ({
    ...{ id: '0_0', plan: plan.subTopologies[0], streamTime: 1_000, inputs },
    ...{ share: { records: 0, results: 0, letters: 0 }, ...more },
  }) as unknown as Task
const fed = (topic: string, spans: readonly number[], offset = 0) =>
  batchOf(
    { topic, partition: 0 },
    spans.map((span, i) => ({
      ...{ topic, partition: 0, key: null, value: null, timestamp: 0, offset: offset + i },
      headers: { traceparent: traceparent(span) },
    })),
  )
const linksOf = (spans: RecordedSpans) => spans.commits.at(-1)!.links!.map(({ spanId }) => Number.parseInt(spanId, 16))

describe('the span of a commit', () => {
  const factsOf = (...tasks: Task[]) => {
    const { spans, commits } = world()
    commits.begin(tasks)
    const { name, facts, kind } = spans.all[0]!
    return { name, facts, kind }
  }
  const common = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': 'app',
    'messaging.client.id': 'w',
  }

  test('says what it is of, and how much', () => {
    const share = { records: 3, results: 2, letters: 1 }
    expect(factsOf(task(undefined, { share }), task(undefined, { id: '0_9', share }))).toEqual({
      ...{ kind: 'consumer', name: 'process in' },
      facts: {
        ...{ ...common, 'messaging.batch.message_count': 6, 'weir.results': 4, 'weir.dead_letters': 2 },
        ...{ 'messaging.destination.name': 'in', 'messaging.destination.partition.id': '0' },
        'weir.tasks': ['0_0', '0_9'],
      },
    })
  })

  test('names a topic where it is one, and a partition where it is one of one topic', () => {
    const partitions = factsOf(task([input('in', 0, 1), input('in', 1, 1)]))
    expect(partitions.facts).toMatchObject({ 'messaging.destination.name': 'in' })
    expect(partitions.facts).not.toHaveProperty(['messaging.destination.partition.id'])
    const topics = factsOf(task([input('in', 0, 1), input('other', 0, 1)]))
    expect(topics.name).toBe('process app')
    expect(topics.facts).not.toHaveProperty(['messaging.destination.name'])
    expect(topics.facts).not.toHaveProperty(['messaging.destination.partition.id'])
    // What nothing was read of is no part of it.
    const unread = factsOf(task([input('in', 0, 1), input('other', 1, 0)]))
    expect(unread.facts).toMatchObject({
      ...{ 'messaging.destination.name': 'in', 'messaging.destination.partition.id': '0' },
    })
    expect(factsOf(task([input('in', 0, 0)]))).toMatchObject({ name: 'process app' })
  })

  test('is linked to the sampled records that it takes, each span once', () => {
    const { spans, commits } = world()
    commits.fed(fed('in', [1, 2, 1]))
    commits.fed(fed('other', [2]))
    commits.begin([task([input('in', 0, 3), input('other', 0, 1)])])
    expect(linksOf(spans)).toEqual([1, 2])
    commits.begin([task([input('in', 0, 3)])])
    expect(linksOf(spans)).toEqual([])
  })

  test('is not linked to what was read before its task was opened anew', () => {
    const { spans, commits } = world()
    commits.fed(fed('in', [1]))
    commits.opened()
    commits.begin([task()])
    expect(linksOf(spans)).toEqual([])
  })

  test('is linked to what its windows came of, once that was committed and where it has results', async () => {
    const { spans, commits } = world()
    const results = { share: { records: 0, results: 1, letters: 0 } }
    commits.fed(fed('in', [1]))
    const first = commits.begin([task()])
    commits.begin([task([], results)])
    expect(linksOf(spans)).toEqual([])
    await first.whole(Promise.resolve())
    commits.begin([task([])])
    expect(linksOf(spans)).toEqual([])
    commits.begin([task([], results)])
    expect(linksOf(spans)).toEqual([1])
  })

  test('that fails has nothing to be remembered', async () => {
    const { spans, commits } = world()
    commits.fed(fed('in', [1]))
    await commits
      .begin([task()])
      .whole(Promise.reject(new Error('no')))
      .catch(() => {})
    commits.begin([task([], { share: { records: 0, results: 1, letters: 0 } })])
    expect(linksOf(spans)).toEqual([])
  })

  test('gives the last trace, where it is sampled', () => {
    const { commits } = world()
    expect(commits.lastTraceId).toBeUndefined()
    commits.begin([task()])
    expect(commits.lastTraceId).toBe('1'.padStart(32, '0'))
    const unsampled = world(false)
    unsampled.commits.begin([task()])
    expect(unsampled.commits.lastTraceId).toBeUndefined()
  })
})

describe('what a commit writes', () => {
  const own = { mine: Buffer.from('1') }
  const plain = { key: null, value: null, timestamp: 0 }
  const letter = { ...plain, headerList: [['a', null]] as const }
  const outputs: Output[] = [
    { topic: 'out', partition: 0, records: [{ ...plain, headers: own }, plain, letter] },
    { topic: 'app-n-changelog', partition: 0, records: [plain] },
  ]

  test('bears its mark beside the headers that it has, save state and dead letters', () => {
    const { commits } = world()
    const [out, state] = commits.begin([task()]).marked(outputs)
    const mark = { traceparent: traceparent(1) }
    expect(out).toEqual({
      ...{ topic: 'out', partition: 0 },
      records: [{ ...plain, headers: { ...own, ...mark } }, { ...plain, headers: mark }, letter],
    })
    expect(state).toEqual(outputs[1])
  })

  test('bears none where the commit is not sampled', () => {
    expect(world(false).commits.begin([task()]).marked(outputs)).toEqual(outputs)
  })

  test('bears none for a minute after something was refused for its content', async () => {
    const { commits, time } = world()
    const isMarked = () => commits.begin([task()]).marked(outputs)[0]!.records[1]!.headers !== undefined
    const fail = (error: Error) =>
      commits
        .begin([task()])
        .whole(Promise.reject(error))
        .catch(() => {})
    time.ms = 500
    await fail(new Error('away'))
    expect(isMarked()).toBe(true)
    await fail(new ContentError('refused'))
    expect(isMarked()).toBe(false)
    time.ms = 60_499
    expect(isMarked()).toBe(false)
    time.ms = 60_500
    expect(isMarked()).toBe(true)
  })
})
