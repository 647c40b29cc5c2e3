import { ApplicationBook } from '../../src/vitals/application-book'
import { diagnose } from '../../src/vitals/diagnose'
import type { FaultKind, Surroundings } from '../../src/vitals/diagnosis'
import { findingKey } from '../../src/vitals/finding-key'
import type { EndTally, Fault, Tally } from '../../src/vitals/format'
import { input, now, tally, task, topologyVitals } from './an-application'

/** What is told and known in one second of a fault; `forMs`: how old the fault is, `atMs`: the time. */
interface Moment {
  readonly workers: readonly Tally[]
  readonly surroundings?: Surroundings
}
type Words = (forMs: number, atMs: number) => Moment

interface FaultCase {
  readonly fault: string
  readonly kind: FaultKind
  /** Before it; `well` unless given. */
  readonly before?: Words
  readonly words: Words
  /** What is said three seconds after it began. */
  readonly says: RegExp
  /** Amber is enough unless given. */
  readonly colour?: 'red'
  /** And once it is mended, after how long, s. */
  readonly mended?: Words
  readonly greenAfter: number
}

const one = (more: Partial<Tally>): Moment => ({ workers: [tally('a', { tasks: [task(0), task(1)], ...more })] })
const well: Words = () => one({})
const twoAreWell: Words = () => ({ workers: [tally('a'), tally('b', { tasks: [task(1)] })] })

/** Both tasks of the one worker, which stand still while 10,000 records a second come. */
const still = (forMs: number, more: Partial<Tally> = {}): Moment => {
  const inputs = (partition: number) => [input(partition, forMs * 5, forMs)]
  return one({ tasks: [0, 1].map(each => task(each, { status: 'holding', rate: 0, inputs: inputs(each) })), ...more })
}

const end: EndTally = {
  ...{ name: 'postgres:readings', kind: 'postgres', records: 1000, bytes: 50_000, rate: 10_000, queuedBytes: 0 },
  commitMs: { p50: 20, p99: 60 },
}

/** An end fails, and the worker waits for it. */
const awayFor =
  (reason: string): Words =>
  (forMs, atMs) =>
    still(forMs, {
      ...{ state: 'waiting', reason, outages: [{ service: 'Postgres', sinceMs: atMs - forMs, reason }] },
      ends: [{ ...end, rate: 0, heldSinceMs: atMs - forMs, reason }],
    })

/** A step has failed once, when the fault began. */
const failedOnce =
  (step: string, { error, reason }: Pick<Fault, 'error' | 'reason'>): Words =>
  (forMs, atMs) => {
    const lastError = { atMs: atMs - forMs, error, reason, topic: 'sensor_data', partition: 0, offset: 5_123 }
    return one({ nodes: [{ name: step, passed: 9, rate: 1, errors: 1, late: 0, windowsClosed: 0, lastError }] })
  }

const cases: readonly FaultCase[] = [
  {
    ...{ fault: 'an end is stopped', kind: 'end-stopped', greenAfter: 1 },
    words: awayFor('Postgres: connect ECONNREFUSED 127.0.0.1:5432'),
    says: /^Postgres has refused connections for 3 s$/,
  },
  {
    ...{ fault: 'a worker is killed', kind: 'worker-lost', greenAfter: 62 },
    before: twoAreWell,
    words: () => ({ workers: [tally('a')] }),
    says: /^worker b \(h, process 7\) says nothing: last heard of 3 s ago$/,
    mended: () => one({}),
  },
  {
    ...{ fault: 'a poison record', kind: 'poison-record', greenAfter: 61 },
    words: failedOnce('rollup', { error: 'TypeError', reason: "can't read x of null" }),
    says: /^step rollup failed at sensor_data\/0 offset 5123: TypeError: can't read x of null$/,
    mended: failedOnce('rollup', { error: 'TypeError', reason: "can't read x of null" }),
  },
  {
    ...{ fault: 'a sensor is silent', kind: 'key-silent', greenAfter: 1 },
    words: (forMs, atMs) => ({
      ...well(0, atMs),
      surroundings: {
        silentKeys: [
          { topic: 'sensor_data', count: 1, keys: [{ key: 'sensor 17', lastMs: atMs - forMs, usuallyEveryMs: 500 }] },
        ],
      },
    }),
    says: /^sensor 17 has been silent for 3 s, usually one every 0.5 s$/,
  },
  {
    ...{ fault: 'a group has no members', kind: 'no-workers', greenAfter: 1 },
    words: (forMs, atMs) => ({
      workers: forMs === 0 ? [tally('a', { state: 'stopped', atMs, tasks: [task(0), task(1)] })] : [],
      surroundings: { members: new Map([['sensors', 0]]) },
    }),
    says: /^no worker of sensors has run for 3 s$/,
    mended: () => one({ worker: 'c' }),
  },
  {
    ...{ fault: 'the only worker is killed', kind: 'no-workers', greenAfter: 62 },
    words: () => ({ workers: [], surroundings: { members: new Map([['sensors', 1]]) } }),
    says: /^no worker of sensors has been heard of for 3 s$/,
    mended: () => one({ worker: 'c' }),
    colour: 'red',
  },
  {
    ...{ fault: 'an end is slow', kind: 'end-slow', greenAfter: 1 },
    words: (forMs, atMs) =>
      still(forMs, { ends: [{ ...end, queuedBytes: 700_000, ...(forMs >= 1_000 && { heldSinceMs: atMs - forMs }) }] }),
    says: /^end postgres:readings has not answered a commit for 3 s$/,
  },
  {
    ...{ fault: 'a schema is refused', kind: 'schema-refused', greenAfter: 61 },
    words: failedOnce('readings', { error: 'DecodeError', reason: 'the schema registry has no schema 987654' }),
    says: /^step readings can't read records of sensor_data: the schema registry has no schema 987654$/,
    mended: failedOnce('readings', { error: 'DecodeError', reason: 'the schema registry has no schema 987654' }),
  },
  {
    ...{ fault: 'Kafka is down', kind: 'broker-down', greenAfter: 1 },
    words: (forMs, atMs) => ({
      workers: [],
      surroundings: {
        kafkaAway: { sinceMs: atMs - forMs, reason: 'no Kafka broker answers: connect ECONNREFUSED 127.0.0.1:9092' },
      },
    }),
    says: /^Kafka has refused connections for 3 s$/,
  },
  {
    ...{ fault: 'a broker of three is down', kind: 'broker-down', greenAfter: 1 },
    words: (forMs, atMs) => ({
      ...well(0, atMs),
      surroundings: { brokersAway: [{ name: '3 (kafka-3:9092)', sinceMs: atMs - forMs }] },
    }),
    says: /^broker 3 \(kafka-3:9092\) has been down for 3 s$/,
  },
  {
    ...{ fault: 'more comes than is processed', kind: 'lag-growing', greenAfter: 1 },
    words: forMs => one({ tasks: [task(0, { inputs: [input(0, forMs * 5, forMs)] }), task(1)] }),
    says: /^more comes than is processed: lag 15,000 records, 3 s, growing$/,
  },
  {
    ...{ fault: 'the disk of an end is full', kind: 'disk-full', greenAfter: 1 },
    words: awayFor('Postgres: could not extend file "base/1/2": No space left on device (53100)'),
    says: /^Postgres has had no room left on its disk for 3 s$/,
  },
  {
    ...{ fault: 'the disk of a worker is full', kind: 'disk-full', greenAfter: 1 },
    words: (forMs, atMs) => {
      const reason = 'store rollup: ENOSPC: no space left on device, write'
      return still(forMs, { state: 'waiting', reason, outages: [{ service: 'disk', sinceMs: atMs - forMs, reason }] })
    },
    says: /^the worker's disk has been full for 3 s \(store rollup: ENOSPC/,
  },
]

/** What somebody sees who follows the vitals second by second. */
class Watcher {
  atMs = now
  private readonly book = new ApplicationBook('sensors')

  constructor() {
    this.book.take(topologyVitals, now, false)
  }

  /** Hears a second of it, and says what is wrong. */
  see(words: Words, forMs: number) {
    const { workers, surroundings = { members: new Map([['sensors', 2]]) } } = words(forMs, this.atMs)
    for (const each of workers) {
      // Records come as they are told: their times go with the clock.
      const tasks = each.tasks.map(known => ({
        ...known,
        inputs: known.inputs.map(at => ({ ...at, lastRecordMs: this.atMs })),
      }))
      this.book.take({ ...each, tasks, atMs: this.atMs, stateSinceMs: this.atMs - forMs }, this.atMs, true)
    }
    const seenMs = surroundings.kafkaAway?.sinceMs ?? this.atMs
    return diagnose(this.book.view(seenMs), surroundings, this.atMs)
  }

  pass(words: Words, seconds: number) {
    let found = this.see(words, 0)
    for (let second = 1; second <= seconds; second++) {
      this.atMs += 1_000
      found = this.see(words, second * 1_000)
    }
    return found
  }
}

describe('each of the faults is named within 3 s, and green again once it is mended', () => {
  test.each(cases)('$fault', ({ kind, before = well, words, says, mended = well, greenAfter, colour: worst }) => {
    const watcher = new Watcher()
    expect(watcher.pass(before, 20)).toMatchObject({ colour: 'green', findings: [] })
    const { findings, sentence, colour } = watcher.pass(words, 3)
    expect(findings.map(each => each.kind)).toEqual([kind])
    expect(sentence).toMatch(says)
    if (worst === undefined) expect(colour).not.toBe('green')
    else expect(colour).toBe(worst)
    const later =
      mended === well
        ? watcher.pass(well, greenAfter)
        : watcher.pass((forMs, at) => mended(forMs + 3_000, at), greenAfter)
    expect(later).toMatchObject({ findings: [], colour: 'green' })
  })
})

test.each(cases)('$fault: it is the same finding from second to second', ({ before = well, words }) => {
  const watcher = new Watcher()
  watcher.pass(before, 20)
  const { findings } = watcher.pass(words, 3)
  watcher.atMs += 1_000
  const later = watcher.see(words, 4_000).findings
  expect(later.map(findingKey)).toEqual(findings.map(findingKey))
})
