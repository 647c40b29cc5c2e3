import { json, TopologyError, text, topology, untilTimeLimit } from '../../src'

const serdes = { key: text, value: json<any>() }
const pair = (l: unknown, r: unknown) => ({ l, r })

describe('joins that cannot be', () => {
  const windows = { beforeMs: 10, afterMs: 10, graceMs: 0 }
  const refused: [string, RegExp, (streams: any) => unknown][] = [
    [
      'a stream-stream join without name',
      /needs a name/,
      s => s.stream('l', serdes).join(s.stream('r', serdes), { windows, joiner: pair }),
    ],
    [
      'windows in which nothing can meet',
      /beforeMs -20 \+ afterMs 10 is below 0/,
      s =>
        s
          .stream('l', serdes)
          .join(s.stream('r', serdes), { name: 'j', windows: { ...windows, beforeMs: -20 }, joiner: pair }),
    ],
    [
      'windows without grace',
      /graceMs of the join's windows has to be a whole number/,
      s =>
        s
          .stream('l', serdes)
          .join(s.stream('r', serdes), { name: 'j', windows: { beforeMs: 1, afterMs: 1 }, joiner: pair }),
    ],
    [
      'a rekeyed stream and a table without name',
      /give the join a name/,
      s =>
        s
          .stream('l', serdes)
          .selectKey(() => 'k')
          .join(s.table('t', serdes), { joiner: pair }),
    ],
    [
      'grace with a table without past',
      /needs a versioned table/,
      s => s.stream('l', serdes).join(s.table('t', serdes), { name: 'j', graceMs: 1, joiner: pair }),
    ],
    [
      'grace longer than the table remembers',
      /longer than the table remembers/,
      s =>
        s.stream('l', serdes).join(s.table('t', { ...serdes, versioned: { historyRetentionMs: 5 } }), {
          name: 'j',
          graceMs: 6,
          joiner: pair,
        }),
    ],
    [
      'a versioned table suppressed',
      /can't be suppressed/,
      s => s.table('t', { ...serdes, versioned: { historyRetentionMs: 5 } }).suppress(untilTimeLimit(5), { name: 's' }),
    ],
    [
      'an outer join with a table',
      /outerJoin takes a stream/,
      s => s.stream('l', serdes).outerJoin(s.table('t', serdes), { name: 'j', joiner: pair }),
    ],
    [
      'a global table of a topic that is read',
      /is read already/,
      s => [s.stream('l', serdes), s.globalTable('l', serdes)],
    ],
    [
      'a foreign-key join without name',
      /needs a name/,
      s => s.table('l', serdes).join(s.table('r', serdes), { foreignKey: () => 'k', joiner: pair }),
    ],
  ]

  test.each(refused)('%s', (_what, message, build) => {
    expect(() => topology('refused', streams => void build(streams))).toThrow(TopologyError)
    expect(() => topology('refused', streams => void build(streams))).toThrow(message)
  })

  test('sides of two topologies', () => {
    let other: any
    topology('one', streams => {
      other = streams.stream('r', serdes)
    })
    expect(() =>
      topology(
        'two',
        streams => void streams.stream('l', serdes).join(other, { name: 'j', windows, joiner: pair } as never),
      ),
    ).toThrow(/belong to one topology/)
  })
})
