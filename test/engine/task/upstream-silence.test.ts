import type { TopicPartition } from '../../../src/connectors/source'
import type { Look } from '../../../src/engine/task/looks'
import type { TimeReport } from '../../../src/engine/task/time-report'
import { everybodySilent, UpstreamSilence } from '../../../src/engine/task/upstream-silence'
import { UpstreamTimes } from '../../../src/engine/task/upstream-times'
import { Journal } from '../../../src/state/journal'

const infinite = Number.POSITIVE_INFINITY
const silenceMs = 1_000
const report = (time: number, at: Record<string, number> = { in: 7 }, quiet = infinite): TimeReport => ({
  ...{ time, quiet, at },
})

/** A task behind `a`, which three tasks write, and `b`, to which no misplaced record was sent yet. */
function scene() {
  const upstreams = [
    { topic: 'a', width: 3, misplaced: false },
    { topic: 'b', width: 2, misplaced: true },
  ]
  const times = new UpstreamTimes(upstreams, [], new Journal(), () => undefined, 'part')
  const silence = new UpstreamSilence(times, silenceMs)
  const asked: string[] = []
  /** What looks show, by `topic/partition`; all that was asked for stands at 7 where nothing is said. */
  const shown = new Map<string, Partial<Look> | undefined>()
  const say = (partition: number, said: TimeReport) => times.take('a', new Map([[partition, said]]))
  const passed = (now: number, seenAtMs = now, foremost = -1) => {
    const look = ({ topic, partition }: TopicPartition): Look | undefined => {
      const at = `${topic}/${partition}`
      asked.push(at)
      const usual = { highWatermark: 7, committed: 0, seenAtMs, provenSinceMs: Number.NEGATIVE_INFINITY }
      return shown.has(at) && shown.get(at) === undefined ? undefined : { ...usual, ...shown.get(at) }
    }
    return silence.look(now, foremost, { look }).map(each => [each.topic, each.partition, each.timeMs])
  }
  const asks = () => asked.splice(0)
  return { times, say, passed, shown, asks }
}

/** Two tasks have reported at 0: the first is at 100, the second, which is asked about, at 10. */
function waiting(second: TimeReport = report(10)) {
  const all = scene()
  all.say(0, report(100))
  all.say(1, second)
  expect(all.passed(0)).toEqual([])
  return all
}

describe('a task upstream that holds something back', () => {
  test('is given half a second, and is then looked at', () => {
    const { passed, asks } = waiting()
    passed(499)
    expect(asks()).toEqual([])
    passed(500)
    expect(asks()).toEqual(['in/1'])
  })

  test('is silent once a look shows that it has stood for so long where it said', () => {
    const { passed } = waiting()
    expect(passed(999)).toEqual([])
    // The look counts by when it began.
    expect(passed(1_500, 999)).toEqual([])
    expect(passed(1_500, 1_000)).toEqual([['a', 1, 100]])
  })

  test.each<[string, Partial<Look> | undefined, boolean]>([
    ['a record that it has not read', { highWatermark: 8 }, false],
    ['a partition of which nothing is known', undefined, false],
    ['an outage within the time', { provenSinceMs: 1 }, false],
    ['an outage before', { provenSinceMs: 0 }, true],
  ])('is passed only where a look proves that it is silent: %s', (_, look, isSilent) => {
    const { passed, shown } = waiting()
    shown.set('in/1', look)
    expect(passed(1_000)).toEqual(isSilent ? [['a', 1, 100]] : [])
  })

  test('is silent where all of its sources are, as of the oldest look', () => {
    const { passed, shown, asks } = waiting(report(10, { in: 7, other: 7 }))
    shown.set('in/1', { highWatermark: 9 })
    expect(passed(1_000)).toEqual([])
    // All are asked for, so that all go on being looked at.
    expect(asks()).toEqual(['in/1', 'other/1'])
    shown.set('in/1', { seenAtMs: 999 })
    expect(passed(1_200)).toEqual([])
    shown.set('in/1', { seenAtMs: 1_001 })
    expect(passed(1_200)).toEqual([['a', 1, 100]])
  })

  test('has no silence that can be proven where it reads nothing', () => {
    expect(waiting(report(10, {})).passed(5_000)).toEqual([])
  })

  test('begins anew with each record, and goes on with a report that says no other place', () => {
    const { passed, say } = waiting()
    say(1, report(11))
    passed(300)
    expect(passed(1_000)).toEqual([['a', 1, 100]])
    say(1, report(12, { in: 8 }))
    passed(1_100)
    say(1, report(12, { in: 7 }))
    passed(1_200)
    expect(passed(2_199)).toEqual([])
    expect(passed(2_200)).toEqual([['a', 1, 100]])
  })

  test('is passed no further than what had come so long ago', () => {
    const { passed, say } = waiting()
    say(0, report(200))
    passed(600)
    expect(passed(1_599)).toEqual([['a', 1, 100]])
    expect(passed(1_600)).toEqual([['a', 1, 200]])
  })

  test('is passed as far as had come, though a rollback has taken later times back since', () => {
    const { passed, say } = waiting()
    for (const [now, time] of [
      [200, 200],
      [400, 300],
      [600, 250],
    ] as const) {
      say(0, report(time))
      passed(now)
    }
    expect(passed(1_600)).toEqual([0, 1].map(partition => ['a', partition, 300]))
  })

  test('is passed by no look that is older than all that is remembered of what came', () => {
    const looked = (now: number, seenAtMs: number) => {
      const { passed, say } = waiting(report(-1))
      say(0, report(200))
      passed(600)
      return passed(now, seenAtMs)
    }
    expect(looked(1_700, 1_000)).toEqual([['a', 1, 100]])
    expect(looked(2_600, 1_500)).toEqual([['a', 1, 100]])
    expect(looked(2_601, 1_500)).toEqual([])
  })

  test('may be the first of them', () => {
    const { passed, say } = scene()
    say(0, report(10))
    say(1, report(100))
    passed(0)
    expect(passed(1_000)).toEqual([['a', 0, 100]])
  })

  test('is passed as far as the records that came here, where those are the latest', () => {
    const { passed, say } = scene()
    say(1, report(10))
    say(2, report(200))
    passed(0, 0, 300)
    expect(passed(1_000, 1_000, 300)).toEqual([
      ['a', 1, 300],
      ['a', 2, 300],
    ])
  })

  test('is not passed where it has said that nothing comes of those upstream of it', () => {
    expect(waiting(report(10, { in: 7 }, 10)).passed(1_000)).toEqual([])
    const { passed, times } = waiting(report(10, { in: 7 }, 50))
    expect(passed(1_000)).toEqual([['a', 1, 100]])
    times.pass('a', 1, 100)
    expect(passed(1_100)).toEqual([])
  })

  test('once passed, is waited for anew by a later time', () => {
    const { passed, say, times, asks } = waiting()
    expect(passed(1_000)).toEqual([['a', 1, 100]])
    times.pass('a', 1, 100)
    expect(passed(1_100)).toEqual([])
    say(0, report(200))
    asks()
    passed(2_000)
    passed(2_499)
    expect(asks()).toEqual([])
    expect(passed(2_500)).toEqual([])
    expect(asks()).toEqual(['in/1'])
    expect(passed(3_000)).toEqual([['a', 1, 200]])
  })
})

test('times that come close together count from the last of them', () => {
  const { passed, say } = waiting()
  for (const [now, time] of [
    [600, 200],
    [650, 300],
    [695, 400],
    [700, 500],
  ] as const) {
    say(0, report(time))
    passed(now)
  }
  expect(passed(1_650)).toEqual([['a', 1, 200]])
  expect(passed(1_694)).toEqual([['a', 1, 200]])
  expect(passed(1_695)).toEqual([['a', 1, 400]])
  expect(passed(1_700)).toEqual([['a', 1, 500]])
})

test('a task that has never reported has said nowhere to look, and is waited for', () => {
  const { passed, asks } = waiting()
  passed(5_000)
  expect(asks()).toEqual(['in/1'])
  const quiet = scene()
  quiet.passed(0, 0, 300)
  expect([quiet.passed(5_000, 5_000, 300), quiet.asks()]).toEqual([[], []])
})

describe('all who have nothing left', () => {
  test('are silent up to the latest time that anybody has said or that came', () => {
    const { say, times } = scene()
    say(0, report(100))
    say(1, report(10))
    say(2, report(20, {}, 20))
    const silent = (foremost: number) => everybodySilent(times, foremost).map(each => [each.partition, each.timeMs])
    expect(silent(-1)).toEqual([[1, 100]])
    expect(silent(300)).toEqual([
      [0, 300],
      [1, 300],
    ])
    expect(everybodySilent(times, 300)[0]?.topic).toBe('a')
    times.pass('a', 1, 300)
    expect(silent(300)).toEqual([[0, 300]])
  })

  test('are nobody where nobody has reported', () => {
    expect(everybodySilent(scene().times, 300)).toEqual([])
  })
})
