import { type AvroSchema, json, type KStream, mqtt, postgres, session, text, topology, tumbling } from '../../src'

interface Row {
  readonly id: string
  readonly from: number
}

const schema: AvroSchema<Row> = {
  name: 'row',
  json: {
    type: 'record',
    name: 'Row',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'from', type: 'long' },
    ],
  },
}

const serdes = { key: text, value: json<Row>() }
type Rows = KStream<any, any>
const rows = (keyOf?: (key: any) => unknown) =>
  postgres({ table: 'rows', schema, mode: 'upsert', key: ['id', 'from'], ...(keyOf && { keyOf }) })
const retained = () => mqtt({ topic: 'rows/{id}/{from}', schema, retain: true })

const sources = {
  table: streams => streams.table('rows', serdes).toStream(),
  sessions: streams =>
    streams
      .stream('rows', serdes)
      .groupByKey()
      .windowedBy(session({ gapMs: 5, graceMs: 0 }))
      .count({ name: 'sessions' })
      .toStream(),
  closed: streams =>
    streams
      .stream('rows', serdes)
      .groupByKey()
      .windowedBy(session({ gapMs: 5, graceMs: 0 }), { emit: 'onWindowClose' })
      .count({ name: 'closed' })
      .toStream(),
  windows: streams =>
    streams
      .stream('rows', serdes)
      .groupByKey()
      .windowedBy(tumbling({ sizeMs: 5, graceMs: 0 }))
      .count({ name: 'windows' })
      .toStream(),
} satisfies Record<string, (streams: Parameters<Parameters<typeof topology>[1]>[0]) => Rows>

const built = (source: keyof typeof sources, write: (stream: Rows) => void) => () =>
  topology('deletions', streams => write(sources[source](streams)))

test.each(['table', 'sessions'] as const)(
  'what deletes rows of a key that does not name them is refused: %s',
  source => {
    const values = (stream: Rows) => stream.mapValues(value => value && { ...value })
    expect(built(source, stream => values(stream).to(rows()))).toThrow(
      /target postgres:rows, behind step mapValues-\d: .*doesn't say which: it has no id, from \(give `keyOf`\); the key is text$/,
    )
    expect(built(source, stream => stream.to(retained()))).toThrow(
      /target mqtt:rows.*clears a topic.*it has no id, from/,
    )
  },
)

test.each<[string, () => unknown]>([
  ['keyOf names them', built('table', stream => stream.to(rows(id => ({ id, from: 0 }))))],
  ['the key was changed', built('table', stream => stream.selectKey(value => value).to(rows()))],
  ['a filter may take them out', built('table', stream => stream.filter(value => value !== null).to(rows()))],
  ['sessions that have closed are not taken back', built('closed', stream => stream.to(rows()))],
  ['windows of a fixed size delete nothing', built('windows', stream => stream.to(retained()))],
])('is taken where %s', (_, build) => {
  expect(build).not.toThrow()
})
