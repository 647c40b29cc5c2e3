import type { Message } from 'kafkajs'
import { max, mean, sum, topology, tumbling, untilWindowCloses } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { type Scene, same } from '../scene'
import { body, serdes, start } from './parts'

const one = { partitions: 1 }
const second = 1_000

/** Readings of a key, one a second from `start` on. */
const readings = (key: string, count: number, from = 0, n = 1): Message[] =>
  Array.from({ length: count }, (_, i) => ({ key, value: body({ n, at: start + (from + i) * second }), partition: 0 }))

type Steps = (windowed: any, names: Names) => any

/** Windows of ten seconds, emitted once they are closed, and a step behind them. */
const closing =
  (steps: Steps, options: object = { emit: 'onWindowClose' }) =>
  (names: Names) =>
    topology(names.run, streams => {
      const windowed = streams
        .stream(names.topic('in'), { ...serdes, timestamp: value => value.at })
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10 * second, graceMs: 0 }), options as { emit: 'onWindowClose' })
      steps(windowed, names)
        .map((value: unknown, { key, window }: { key: string; window: { start: number } }) => [
          key,
          { key, start: (window.start - start) / second, value },
        ])
        .to(names.topic('out'), serdes)
    })

/** What the windows of these keys have to be: ten readings each. */
const windows = (keys: readonly string[], starts: readonly number[], value: unknown = 10) =>
  keys.flatMap(key => starts.map(each => body({ key, start: each, value })))

async function results(scene: Scene, wanted: readonly string[]): Promise<void> {
  const found = async () => (await scene.read('out')).map(({ value }) => String(value))
  await scene.until(async () => (await found()).length >= wanted.length, `${wanted.length} results`)
  same('results', await found(), wanted)
}

interface Closing extends Partial<Hostile> {
  readonly id: string
  readonly came: string
  readonly topology: Hostile['topology']
  /** Everything but the results of this key has to be right. */
  readonly says: RegExp
  readonly value?: unknown
}

/** One key whose result can't be made or written when its window closes, among three whose results can. */
function oneResult({ says, value, ...rest }: Closing): Hostile {
  return {
    topics: { in: one, out: one },
    isQuick: true,
    ...rest,
    async run(scene) {
      await scene.working()
      const keys = ['a', 'b', 'c']
      const first = [...readings('bad', 10), ...keys.flatMap(key => readings(key, 10))]
      await scene.send('in', first)
      // What closes the first window belongs to the second one.
      await scene.send(
        'in',
        keys.flatMap(key => readings(key, 10, 10)),
      )
      await scene.send(
        'in',
        keys.flatMap(key => readings(key, 1, 25)),
      )
      await results(scene, windows(keys, [0, 10], value))
      const [letter] = await scene.letters('in', 1)
      const message = letter!.headers['weir.error.message'] ?? ''
      if (!says.test(message)) throw new Error(`the dead letter says "${message}", not ${says}`)
      // A start meets nothing of it again.
      await scene.replaceWorker()
      await scene.working(2)
      await scene.send(
        'in',
        keys.map(key => readings(key, 1, 35)[0]!),
      )
      await scene.until(async () => (await scene.read('out')).length >= 9, 'the windows after a restart')
      await scene.letters('in', 1)
      return `6 windows right, one result put aside: ${message.slice(0, 120)}; and right after a restart`
    },
  }
}

const refusing = (value: unknown, { key }: { key: string }) => {
  if (key === 'bad') throw new Error('this result is refused')
  return value
}

/** What a closing window, a punctuator or an end says of one result harms that result alone. */
export const closings: readonly Hostile[] = [
  oneResult({
    id: 'A12a',
    came: 'a closed window whose next step throws',
    topology: closing(windowed => windowed.count({ name: 'counts' }).toStream().mapValues(refusing)),
    says: /this result is refused/,
  }),
  oneResult({
    id: 'A12b',
    came: 'a closed window whose result is over what its topic takes',
    topology: closing(windowed =>
      windowed
        .count({ name: 'counts' })
        .toStream()
        .mapValues((value: unknown, { key }: { key: string }) => (key === 'bad' ? 'x'.repeat(2_000_000) : value)),
    ),
    says: /max\.message\.bytes|too large|larger/i,
  }),
  oneResult({
    id: 'A12c',
    came: 'a suppressed window whose next step throws',
    topology: closing(
      windowed =>
        windowed
          .count({ name: 'counts' })
          .suppress(untilWindowCloses, { name: 'final' })
          .toStream()
          .mapValues(refusing),
      {},
    ),
    says: /this result is refused/,
  }),
  {
    id: 'A12d',
    came: 'two temperatures of 1.7e308 in one window, whose sum is no number',
    topics: { in: one, out: one },
    isQuick: true,
    topology: closing(windowed =>
      windowed.aggregate({ name: 'figures', of: { sum: sum('n'), max: max('n'), mean: mean('n') } }).toStream(),
    ),
    async run(scene) {
      await scene.working()
      await scene.send('in', [...readings('big', 2, 0, 1.7e308), ...readings('a', 10)])
      await scene.send('in', [...readings('a', 10, 10), ...readings('a', 1, 25)])
      await results(scene, [
        body({ key: 'big', start: 0, value: { sum: 1.7e308, max: 1.7e308, mean: 1.7e308 } }),
        ...windows(['a'], [0, 10], { sum: 10, max: 1, mean: 1 }),
      ])
      const [letter] = await scene.letters('in', 1)
      return `the second one is put aside: ${letter!.headers['weir.error.message']?.slice(0, 120)}`
    },
  },
  {
    id: 'A12e',
    came: 'a wall-clock punctuator that throws for one key',
    topics: { in: one, out: one },
    topology: names =>
      topology(names.run, streams => {
        streams
          .stream(names.topic('in'), serdes)
          .process({
            name: 'ticks',
            supplier: () => {
              let forward: (record: any) => void
              return {
                init(context: any) {
                  let ticks = 0
                  forward = record => context.forward(record)
                  context.schedule(200, 'wallClock', (timestamp: number) => {
                    ticks++
                    if (ticks === 2) throw new Error('this tick is refused')
                    forward({ key: 'tick', value: { tick: ticks }, timestamp })
                  })
                },
                process(record: any) {
                  forward(record)
                },
              }
            },
          })
          .to(names.topic('out'), serdes)
      }),
    async run(scene) {
      await scene.working()
      const ticks = async () => (await scene.read('out')).flatMap(({ value }) => JSON.parse(String(value)).tick ?? [])
      await scene.until(async () => (await ticks()).includes(5), 'the fifth tick')
      if ((await ticks()).includes(2)) throw new Error('the tick that threw came all the same')
      await scene.letters('in', 1)
      return 'ticks 1, 3, 4, 5; the second one is put aside'
    },
  },
]
