import type { Output } from '../../../../src/connectors/ledger'
import { CommitSpan } from '../../../../src/engine/observe/traces/commit-span'
import { RecordedSpans } from '../recorded-spans'

const record = { key: null, value: null, timestamp: 0 }
const outputs: Output[] = [
  { topic: 'a', partition: 0, records: [record, record] },
  { topic: 'b', partition: 0, records: [record] },
]

function world() {
  const spans = new RecordedSpans()
  const heard: unknown[] = []
  const commit = new CommitSpan(spans, spans.start('whole', { kind: 'consumer', facts: {} }), {
    done: () => void heard.push('done'),
    failed: error => void heard.push(error),
    mark: given => {
      heard.push(given)
      return given.slice(1)
    },
  })
  return { spans, commit, heard }
}

test('a commit that is made ends its span with what it has written, and gives what it gave', async () => {
  const { spans, commit, heard } = world()
  expect(commit.marked(outputs)).toEqual(outputs.slice(1))
  expect(heard).toEqual([outputs])
  expect(await commit.whole(Promise.resolve(7))).toBe(7)
  expect(spans.all[0]!.ended).toEqual({ facts: { 'weir.outputs': 3 }, error: undefined })
  expect(heard.slice(1)).toEqual(['done'])
})

test('one that fails ends its span with the error, which goes on', async () => {
  const { spans, commit, heard } = world()
  const error = new Error('fenced')
  await expect(commit.whole(Promise.reject(error))).rejects.toBe(error)
  expect(spans.all[0]!.ended).toEqual({ facts: {}, error })
  expect(heard).toEqual([error])
})

test("each end's share and Kafka's is a span within", async () => {
  const { spans, commit } = world()
  commit.marked(outputs)
  expect(await commit.part('postgres', Promise.resolve('rows'))).toBe('rows')
  expect(await commit.part('kafka', Promise.resolve('offsets'))).toBe('offsets')
  const error = new Error('no')
  await expect(commit.part('mqtt', Promise.reject(error))).rejects.toBe(error)
  const [whole, ...parts] = spans.all
  expect(parts.map(({ parent }) => parent!.context)).toEqual([whole!.context, whole!.context, whole!.context])
  expect(parts.map(({ name, kind, facts, ended }) => ({ name, kind, facts, ended }))).toEqual([
    {
      name: 'commit postgres',
      kind: 'client',
      facts: { 'weir.end': 'postgres' },
      ended: { facts: {}, error: undefined },
    },
    {
      ...{ name: 'commit kafka', kind: 'producer', ended: { facts: {}, error: undefined } },
      facts: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.batch.message_count': 3,
      },
    },
    { name: 'commit mqtt', kind: 'client', facts: { 'weir.end': 'mqtt' }, ended: { facts: {}, error } },
  ])
})

test('nothing is written where nothing was marked', async () => {
  const { spans, commit } = world()
  await commit.whole(Promise.resolve())
  expect(spans.all[0]!.ended).toEqual({ facts: { 'weir.outputs': 0 }, error: undefined })
})
