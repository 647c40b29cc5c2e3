import { json, TopologyError, text, topology } from '../../../src'
import { checkSourceTables } from '../../../src/engine/plan/lasting-topics'
import { planOf } from '../../../src/engine/plan/plan'

const table = { key: text, value: json<any>() }
const plan = planOf(
  topology('app', s => {
    s.table('rows', { ...table, restoreFrom: 'sourceTopic', materialized: 'own' })
      .toStream()
      .to('out', table)
    s.table('others', { ...table, materialized: 'kept' })
      .toStream()
      .to('out', table)
  }),
)
const checked = (configs: Readonly<Record<string, string>> | undefined, asked: unknown[] = []) =>
  checkSourceTables(plan, {
    topicConfigs: async (...question) => {
      asked.push(question)
      return new Map(configs && [['rows', new Map(Object.entries(configs))]])
    },
  })

test('only the topics of tables that are restored from them are looked at', async () => {
  const asked: unknown[] = []
  await checked({ 'cleanup.policy': 'compact' }, asked)
  expect(asked).toEqual([[['rows'], ['cleanup.policy', 'retention.ms', 'retention.bytes']]])
})

test('a topic whose settings nobody tells is taken as it is', async () => {
  await checked(undefined)
  await checked({ 'retention.ms': '5' })
})

test('every limit of a topic that deletes records is named', async () => {
  const checking = checked({ 'cleanup.policy': 'compact,delete', 'retention.ms': '7', 'retention.bytes': '9' })
  await expect(checking).rejects.toThrow(TopologyError)
  await expect(checking).rejects.toThrow(
    /^table "own": .*topic rows, .*\(.*=compact,delete, retention\.ms=7, retention\.bytes=9\)/,
  )
  await checked({ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' })
})
