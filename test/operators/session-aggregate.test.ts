import { type StreamsBuilder, session } from '../../src'
import { input, plays } from './play'

const sessions = (streams: StreamsBuilder, emit: 'onUpdate' | 'onWindowClose' = 'onUpdate') =>
  input(streams)
    .groupByKey()
    .windowedBy(session({ gapMs: 10, graceMs: 5 }), { emit })

test('records no further apart than the gap are one session: the former one goes, and the longer one comes', () =>
  plays(
    streams => sessions(streams).count({ name: 'counted' }),
    `
    in a 1 @100
      → out a@100..100 1 @100
    in a 1 @110
      → out a@100..100 null @100
      → out a@100..110 2 @110
    in a 1 @121
      → out a@121..121 1 @121
    in b 1 @121
      → out b@121..121 1 @121
    in null 1 @121
    `,
  ))

test('a record between two sessions joins them', () =>
  plays(
    streams => sessions(streams).count({ name: 'counted' }),
    `
    in a 1 @100
      → out a@100..100 1 @100
    in a 1 @112
      → out a@112..112 1 @112
    in a 1 @106
      → out a@100..100 null @100
      → out a@112..112 null @112
      → out a@100..112 3 @112
    `,
  ))

test('a second record at the instant of a session stays in it, without a tombstone', () =>
  plays(
    streams => sessions(streams).count({ name: 'counted' }),
    `
    in a 1 @100
      → out a@100..100 1 @100
    in a 1 @100
      → out a@100..100 2 @100
    `,
  ))

test('an aggregation of the author joins two sessions by merge, and then adds', () =>
  plays(
    streams =>
      sessions(streams).aggregate({
        name: 'listed',
        initial: () => [] as unknown[],
        add: (list, value) => [...list, value],
        merge: (_key, left, right) => [...left, ...right],
      }),
    `
    in a 1 @100
      → out a@100..100 [1] @100
    in a 2 @112
      → out a@112..112 [2] @112
    in a null @106
      → out a@100..100 null @100
      → out a@112..112 null @112
      → out a@100..112 [1,2,null] @112
    `,
  ))

test('reduce joins sessions by its reducer', () =>
  plays(
    streams => sessions(streams).reduce({ name: 'joined', reducer: (a, b) => `${a}${b}` }),
    `
    in a "x" @100
      → out a@100..100 "x" @100
    in a "y" @105
      → out a@100..100 null @100
      → out a@100..105 "xy" @105
    `,
  ))

test('on close there is one result of each session, once time has passed its end, gap and grace', () =>
  plays(
    streams => sessions(streams, 'onWindowClose').count({ name: 'counted' }),
    `
    in a 1 @100
    in a 1 @110
    in b 1 @102
    crash
    time @125
      → out b@102..102 1 @102
    time @126
      → out a@100..110 2 @110
    `,
  ))

test('a session that has closed and is extended all the same has another final result', () =>
  plays(
    streams => sessions(streams, 'onWindowClose').count({ name: 'counted' }),
    `
    in a 1 @100
    time @116
      → out a@100..100 1 @100
    in a 1 @110
    time @126
      → out a@100..110 2 @110
    `,
  ))

test('a record is late where its own session would have closed already, and touches no live one', () =>
  plays(
    streams => sessions(streams).count({ name: 'counted' }),
    `
    in a 1 @0
      → out a@0..0 1 @0
    in a 1 @18
      → out a@18..18 1 @18
    in a 1 @28
      → out a@18..18 null @18
      → out a@18..28 2 @28
    in a 1 @38
      → out a@18..28 null @28
      → out a@18..38 3 @38
    in b 1 @9
    in a 1 @9
      → out a@0..0 null @0
      → out a@18..38 null @38
      → out a@0..38 5 @38
    `,
  ))
