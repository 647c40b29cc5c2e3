import { hopping, type KStream, tumbling } from '../../src'
import { input, plays, serdes } from './play'

const late = (stream: KStream<string, any>) => stream.to('late', serdes)

test('has the records that came too late for their window, as they came, and no others', () =>
  plays(
    streams =>
      input(streams)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
        .count({ name: 'counted', late }),
    `
    in a 1 @1
      → out a@0..10 1 @1
    in a 1 @14
      → out a@10..20 1 @14
    in a 2 @2
      → out a@0..10 2 @2
    in b 3 @15
      → out b@10..20 1 @15
    in a 4 @3
      → late a 4 @3
    in null 5 @3
    `,
  ))

test('has a record once, however many windows it missed, and also where it met others', () =>
  plays(
    streams =>
      input(streams)
        .groupByKey()
        .windowedBy(hopping({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
        .count({ name: 'counted', late }),
    `
    in a 1 @12
      → out a@5..15 1 @12
      → out a@10..20 1 @12
    in a 2 @7
      → out a@5..15 2 @12
      → late a 2 @7
    in b 1 @30
      → out b@25..35 1 @30
      → out b@30..40 1 @30
    in a 3 @7
      → late a 3 @7
    `,
  ))

test('goes on as a stream: what it leads to is exact over a crash', () =>
  plays(
    streams =>
      input(streams)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
        .count({
          name: 'counted',
          late: stream => stream.groupByKey().count({ name: 'missed' }).toStream().to('missed', serdes),
        }),
    `
    in a 1 @1
    in b 1 @20
      → out a@0..10 1 @1
    in a 1 @2
      → missed a 1 @2
    crash
    in a 1 @3
      → missed a 2 @3
    `,
  ))
