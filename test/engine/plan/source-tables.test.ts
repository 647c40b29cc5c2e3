import { json, text, topology } from '../../../src'
import { planOf } from '../../../src/engine/plan/plan'
import { sourceTables } from '../../../src/engine/plan/source-tables'

const serdes = { key: text, value: json<any>() }

test('the tables of a part that are restored from their topics, each with its own source', () => {
  const { subTopologies } = planOf(
    topology('app', s => {
      const own = (topic: string) =>
        s.table(topic, { ...serdes, restoreFrom: 'sourceTopic', materialized: `${topic}-rows` })
      const kept = s.table('kept', { ...serdes, materialized: 'kept-rows' })
      const joiner = (a: unknown, b: unknown) => [a, b]
      const both = own('a').join(own('b'), { name: 'ab', joiner })
      both.join(kept, { name: 'all', joiner }).toStream().to('out', serdes)
      s.table('plain', { ...serdes, restoreFrom: 'sourceTopic' })
        .toStream()
        .to('out', serdes)
    }),
  )
  const tables = subTopologies.map(part => sourceTables(part).map(({ source, store }) => [source.spec.topic, store]))
  expect(tables).toEqual([
    [
      ['a', 'a-rows'],
      ['b', 'b-rows'],
    ],
    [],
  ])
})
