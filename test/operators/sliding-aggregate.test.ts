import { type StreamsBuilder, sliding } from '../../src'
import { input, plays } from './play'

const windowed = (streams: StreamsBuilder, emit: 'onUpdate' | 'onWindowClose' = 'onUpdate') =>
  input(streams)
    .groupByKey()
    .windowedBy(sliding({ timeDifferenceMs: 10, graceMs: 5 }), { emit })

test('each record ends a window, and begins one behind each earlier record that is near, ends included', () =>
  plays(
    streams => windowed(streams).reduce({ name: 'seen', reducer: (a, b) => `${a}${b}` }),
    `
    in a "x" @100
      → out a@90..100 "x" @100
    in a "y" @105
      → out a@101..111 "y" @105
      → out a@95..105 "xy" @105
    in a "z" @111
      → out a@101..111 "yz" @111
      → out a@106..116 "z" @111
    in b "w" @111
      → out b@101..111 "w" @111
    in null "v" @111
    in a null @111
    `,
  ))

test('a record out of order goes into the windows around it, and makes those that it is the first to need', () =>
  plays(
    streams => windowed(streams).reduce({ name: 'seen', reducer: (a, b) => `${a}${b}` }),
    `
    in a "x" @100
      → out a@90..100 "x" @100
    in a "y" @95
      → out a@90..100 "xy" @100
      → out a@85..95 "y" @95
      → out a@96..106 "x" @100
    `,
  ))

test('early records share the window from 0 on', () =>
  plays(
    streams => windowed(streams).count({ name: 'counted' }),
    `
    in a 1 @3
      → out a@0..10 1 @3
    in a 1 @5
      → out a@4..14 1 @5
      → out a@0..10 2 @5
    `,
  ))

test('on close there is one result of each window, once time has passed its end and the grace', () =>
  plays(
    streams => windowed(streams, 'onWindowClose').count({ name: 'counted' }),
    `
    in a 1 @100
    in a 1 @105
    crash
    time @105
    time @106
      → out a@90..100 1 @100
    time @111
      → out a@95..105 2 @105
    time @117
      → out a@101..111 1 @105
    `,
  ))

test('a record is late whose own window has closed', () =>
  plays(
    streams => windowed(streams).count({ name: 'counted' }),
    `
    in b 1 @105
      → out b@95..105 1 @105
    in a 1 @100
      → out a@90..100 1 @100
    in b 1 @106
      → out b@106..116 1 @106
      → out b@96..106 2 @106
    in a 1 @100
    `,
  ))
