import { type KeyValueStore, keyValueStore, type ProcessorContext, type StreamRecord } from '../../src'
import { input, plays } from './play'

type Context = ProcessorContext<any, any>
type Handle = (context: Context, record: StreamRecord<any, any>) => void

/** A processor that handles records, and does something once at its start. */
const processor = (handle: Handle, start: (context: Context) => void = () => {}) => ({
  supplier: () => {
    let context: Context
    return {
      init: (given: Context) => {
        context = given
        start(given)
      },
      process: (record: StreamRecord<any, any>) => handle(context, record),
    }
  },
})

test('forwards what it likes: nothing, other keys, other times', () =>
  plays(
    streams =>
      input(streams).process(
        processor((context, { key, value, timestamp }) => {
          for (let n = 0; n < value; n++) context.forward({ key: `${key}${n}`, value: n, timestamp: timestamp + n })
        }),
      ),
    `
    in a 2 @5
      → out a0 0 @5
      → out a1 1 @6
    in a 0 @6
    in null null @7
    `,
  ))

test('keeps state in its stores, over a crash; a record that fails leaves nothing there', () =>
  plays(
    streams =>
      input(streams).process({
        ...processor((context, { key, value, timestamp }) => {
          const sums: KeyValueStore<string, number> = context.store('sums')
          const sum = (sums.get(key) ?? 0) + value
          sums.put(key, sum)
          if (value < 0) throw new Error('only what is positive')
          context.forward({ key, value: sum, timestamp })
        }),
        name: 'summing',
        stores: [keyValueStore({ name: 'sums' })],
      }),
    `
    in a 2 @5
      → out a 2 @5
    crash
    in a -1 @6
      → in_dead_letters a -1 @6
    in a 3 @7
      → out a 5 @7
    `,
  ))

test("another step's store is refused: the task stops, and says where it has to be named", () =>
  expect(
    plays(streams => input(streams).process(processor(context => context.store('not-mine'))), 'in a 1 @5'),
  ).rejects.toThrow(/store not-mine is not among the step's stores; add it to the step's options/))

test('a punctuator by stream time is called as records bring time on, once however many intervals they skip', () =>
  plays(
    streams =>
      input(streams).process(
        processor(
          () => {},
          context => {
            context.schedule(10, 'streamTime', timestamp =>
              context.forward({ key: 'tick', value: timestamp, timestamp }),
            )
          },
        ),
      ),
    `
    in a 1 @5
      → out tick 5 @5
    in a 1 @9
    in a 1 @10
      → out tick 10 @10
    in a 1 @47
      → out tick 47 @47
    in a 1 @49
    time @50
      → out tick 50 @50
    `,
  ))

test('a punctuator by the wall clock is called after each interval, records or not, until it is cancelled', () =>
  plays(
    streams =>
      input(streams).process(
        processor(
          () => {},
          context => {
            let calls = 0
            const ticking = context.schedule(10, 'wallClock', timestamp => {
              if (++calls === 2) ticking.cancel()
              context.forward({ key: 'tick', value: context.metadata ?? null, timestamp })
            })
          },
        ),
      ),
    `
    wall +9
    wall +1
      → out tick null @10
    wall +10
      → out tick null @20
    wall +10
    `,
  ))

test('knows where the record in hand came from', () =>
  plays(
    streams =>
      input(streams).process(
        processor((context, record) => context.forward({ ...record, value: context.metadata as object })),
      ),
    `
    in a 1 @5
      → out a {"topic":"in","partition":0,"offset":0} @5
    in a 1 @6
      → out a {"topic":"in","partition":0,"offset":1} @6
    `,
  ))

test('processValues keeps the key, and refuses another', () =>
  plays(
    streams =>
      input(streams).processValues(
        processor((context, record) => context.forward({ ...record, key: record.value > 1 ? 'other' : record.key })),
      ),
    `
    in a 1 @5
      → out a 1 @5
    in a 2 @6
      → in_dead_letters a 2 @6
    `,
  ))

test('a processor that cannot start stops the task, and is named', async () => {
  const failing = () =>
    plays(
      streams =>
        input(streams).process({
          ...processor(
            () => {},
            () => {
              throw new Error('no start')
            },
          ),
          name: 'broken',
        }),
      'in a 1 @5',
    )
  await expect(failing()).rejects.toThrow(/broken.*no start/)
})
