import { count, double, json, type KTable, text, topology } from '../../src'

const windows = { beforeMs: 1, afterMs: 1, graceMs: 1 }

test('joins infer what their joiner sees and what they give', () => {
  topology('inferred', streams => {
    const events = streams.stream('events', { key: text, value: json<{ n: number }>() })
    const others = streams.stream('others', { key: text, value: json<{ name: string }>() })
    const table = streams.table('table', { key: text, value: json<{ on: boolean }>() })
    const byNumber = streams.table('numbered', { key: double, value: json<{ label: string }>() })
    const global = streams.globalTable('global', { key: double, value: json<{ label: string }>() })

    const inner: string = typeof events
      .join(others, { name: 'a', windows, joiner: (l, r, key) => l.n + r.name.length + key.length })
      .mapValues(value => value.toFixed(1))
    expect(inner).toBe('object')
    events.leftJoin(table, { joiner: (l, r) => ({ ...l, on: r?.on ?? false }) }).filter(value => value.on)
    events.join(global, { keyMapper: value => value.n, joiner: (l, r) => `${l.n}${r.label}` }).mapValues(v => v.length)
    events.outerJoin(others, { name: 'b', windows, joiner: (l, r) => (l?.n ?? 0) + (r?.name.length ?? 0) })
    const joined: KTable<string, string> = table.join(byNumber, {
      name: 'c',
      foreignKey: row => (row.on ? 1 : null),
      joiner: (l, r) => `${l.on}${r.label}`,
    })
    table.leftJoin(joined, { joiner: (l, r) => `${l.on}${r?.length}` }).toStream()
    events
      .groupByKey()
      .cogroup((sum: number, value) => sum + value.n)
      .cogroup(others.groupByKey(), (sum, value) => sum + value.name.length)
      .aggregate({ name: 'd', initial: () => 0 })
      .mapValues(sum => sum.toFixed(1))
    events.groupByKey().aggregate({ name: 'e', of: { count: count() } })
  })
})
