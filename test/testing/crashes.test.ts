import { rollup } from '../../schemas/types'
import {
  json,
  keyValueStore,
  mqtt,
  postgres,
  session,
  type Topology,
  text,
  topology,
  tumbling,
  untilWindowCloses,
} from '../../src'
import type { CommittedOffset, Output } from '../../src/connectors/ledger'
import type { SinkPosition } from '../../src/connectors/sink'
import { type CrashesOptions, type CrashReport, type Run, TopologyTestDriver } from '../../src/testing'
import { CapturingSink } from '../../src/testing/captured-targets'
import { crashReports } from '../../src/testing/crashes'
import type { MemoryKafka } from '../../src/testing/memory-kafka'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import sensors from '../../topology/sensors'

const serdes = { key: text, value: json<any>() }

/** Readings of three sensors over some windows; the second has no key. */
const sensorRun: Run = async driver => {
  for (const [i, seconds] of [1, 3, 8, 12, 14, 25, 61].entries()) {
    const sensor_id = (i % 3) + 1
    const value = { sensor_id, temperature: 20 + i, timestamp: (1_000_000 + seconds) * 1_000_000 }
    await driver.pipe('sensor_data', {
      key: i === 1 ? null : String(sensor_id),
      value,
      timestamp: value.timestamp / 1000,
    })
  }
  await driver.advanceStreamTime(1_000_200_000)
}

const stateful = topology('stateful', streams => {
  const events = streams.stream('events', serdes)
  const others = streams.stream('others', serdes)
  const names = streams.table('names', { ...serdes, materialized: 'names' })
  events
    .selectKey(value => value.id as string)
    .groupByKey()
    .windowedBy(tumbling({ sizeMs: 10, graceMs: 5 }))
    .count({ name: 'counted' })
    .suppress(untilWindowCloses, { name: 'final' })
    .toStream()
    .map((count, { key, window }) => [`${key}@${window.start}`, count])
    .to('counts', { key: text, value: json() })
  events
    .leftJoin(others, { name: 'near', windows: { beforeMs: 5, afterMs: 5, graceMs: 2 }, joiner: (l, r) => [l, r] })
    .leftJoin(names, { name: 'named', joiner: (l, r) => ({ l, r }) })
    .to('joined', serdes)
  events
    .filter(value => value.id === 'bad')
    .mapValues(() => JSON.parse('no'))
    .to('never', serdes)
})

const statefulRun: Run = async driver => {
  await driver.pipe('names', { key: 'k', value: { name: 'first' }, timestamp: 0 })
  await driver.pipe('events', { key: 'k', value: { id: 'a' }, timestamp: 1 })
  await driver.pipe('others', { key: 'k', value: { o: 1 }, timestamp: 4 })
  await driver.pipe('events', { key: 'k', value: { id: 'b' }, timestamp: 7 })
  await driver.pipe('names', { key: 'k', value: null, timestamp: 8 })
  await driver.pipe('events', { key: 'k', value: { id: 'bad' }, timestamp: 20 })
  await driver.pipe('events', { key: 'x', value: { id: 'a' }, timestamp: 30 })
  await driver.advanceStreamTime(100)
}

/** Sessions, a table's own store, and one that a processor has. */
const kept = topology('kept', streams => {
  const events = streams.stream('events', serdes)
  const names = streams.table('names', { ...serdes, materialized: 'names' })
  streams
    .stream('others', serdes)
    .leftJoin(names, { name: 'named', joiner: (l, r) => ({ l, r }) })
    .to('joined', serdes)
  events
    .groupByKey()
    .windowedBy(session({ gapMs: 5, graceMs: 2 }), { emit: 'onWindowClose' })
    .count({ name: 'visits' })
    .toStream()
    .map((count, { key, window }) => [`${key}@${window.start}-${window.end}`, count])
    .to('visited', { key: text, value: json() })
  events
    .toTable({ name: 'latest', materialized: 'latest' })
    .filter(value => value.id !== 'b', { materialized: 'not-b' })
    .toStream()
    .to('latest-ids', serdes)
  events
    .process<string, number>({ name: 'tick', stores: [keyValueStore({ name: 'seen' })], supplier: ticker })
    .to('ticks', { key: text, value: json() })
})

/** The topology with every store on disk that can be there. */
const onDisk = (built: Topology): Topology => ({
  ...built,
  stores: built.stores.map(store =>
    ['keyValue', 'window', 'session'].includes(store.kind) ? { ...store, location: 'disk' as const } : store,
  ),
})

const broken = (reports: readonly CrashReport[]) => reports.filter(({ ok }) => !ok)

describe('every crash keeps every promise', () => {
  test.each<[string, Topology, Run, CrashesOptions]>([
    ['sensors', sensors, sensorRun, { atMost: 6 }],
    ['sensors, 3 partitions', sensors, sensorRun, { partitions: 3, atMost: 4 }],
    ['windows and joins', stateful, statefulRun, {}],
    ['windows and joins, 3 partitions', stateful, statefulRun, { partitions: 3, atMost: 6 }],
    ['windows and joins on disk', onDisk(stateful), statefulRun, { atMost: 6 }],
    ['windows and joins on disk, 3 partitions', onDisk(stateful), statefulRun, { partitions: 3, atMost: 3 }],
    ['sessions and tables on disk', onDisk(kept), statefulRun, { atMost: 6 }],
  ])('%s', async (_what, built, run, options) => {
    const reports = await crashReports(built, run, options)
    expect(broken(reports)).toEqual([])
    const points = new Set(reports.map(({ point }) => point))
    expect([...points].sort()).toEqual(['afterLedger', 'afterSinks', 'beforeSinks', 'inRestore'])
    expect(reports.filter(({ point }) => point === 'inRestore').length).toBeGreaterThan(8)
  })

  test.each([
    ['windows and joins', stateful],
    ['sessions and tables', kept],
  ])('%s: what is written does not tell where the state lives', async (_what, built) => {
    const written = async (place: Topology) => {
      const driver = await TopologyTestDriver.create(place)
      await statefulRun(driver)
      await driver.close()
      // The author's line is of the one topology or the other, and so is the stack.
      return driver.kafka.log.map(({ headers, ...record }) => ({
        ...record,
        headers: Object.entries(headers ?? {}).filter(([name]) => !/^weir\.error\.(stack|at)$/.test(name)),
      }))
    }
    expect(await written(onDisk(built))).toEqual(await written(built))
  })

  test('a store on disk is gone on from where its copy stands', async () => {
    const driver = await TopologyTestDriver.create(onDisk(kept))
    await statefulRun(driver)
    const { position, size } = driver.store('latest')
    expect([position, size]).toEqual([driver.kafka.records({ topic: 'kept-latest-changelog', partition: 0 }).length, 2])
    // Nothing is read again: the restored state can only come from the disk.
    driver.kafka.records({ topic: 'kept-latest-changelog', partition: 0 }).fill({} as never)
    await driver.crash()
    expect([driver.store('latest').position, driver.store('latest').size]).toEqual([position, size])
    expect(driver.store('latest').get('x')).toMatchObject({ value: { id: 'a' } })
    await driver.close()
  })

  test('punctuators on the wall clock too', async () => {
    const ticking = topology('ticking', streams => {
      streams
        .stream('in', serdes)
        .process<string, number>({
          name: 'tick',
          stores: [{ name: 'seen', kind: 'keyValue', changelog: true }],
          supplier: ticker,
        })
        .to('out', { key: text, value: json() })
    })
    const reports = await crashReports(ticking, async driver => {
      await driver.advanceWallClock(4)
      await driver.pipe('in', { key: 'a', value: 1, timestamp: 5 })
      await driver.advanceWallClock(7)
      await driver.pipe('in', { key: 'a', value: 1, timestamp: 6 })
      await driver.advanceWallClock(10)
    })
    expect(broken(reports)).toEqual([])
    expect(reports.length).toBeGreaterThan(9)
  })

  test('as few as asked for', async () => {
    const all = await crashReports(stateful, statefulRun)
    const few = await crashReports(stateful, statefulRun, { atMost: 2 })
    expect(new Set(few.map(({ commit }) => commit)).size).toBe(2)
    expect(all.length).toBeGreaterThan(few.length)
  })
})

function ticker() {
  let store: any
  return {
    init(context: any) {
      store = context.store('seen')
      context.schedule(10, 'wallClock', (at: number) => {
        context.forward({ key: 'ticks', value: (store.get('n') ?? 0) * 1000 + at, timestamp: at })
      })
    },
    process() {
      store.put('n', (store.get('n') ?? 0) + 1)
    },
  }
}

/** Writes to ends outside Kafka directly, and by the outbox rule. */
const ended = topology('ended', streams => {
  const values = streams.stream('in', { key: text, value: json<{ n: number }>() })
  const rolled = values.mapValues(({ n }) => ({
    sensor_id: 1,
    window_start: n,
    window_end: n,
    count: 1,
    sum: n,
    min: n,
    max: n,
    mean: n,
  }))
  rolled.to(postgres({ table: 'direct', schema: rollup, mode: 'append' }))
  rolled.to(mqtt({ topic: 'direct/{sensor_id}', schema: rollup, retain: true }))
  values
    .groupByKey()
    .reduce({ name: 'summed', reducer: (a, b) => ({ n: a.n + b.n }) })
    .toStream()
    .to('sums', { key: text, value: json() })
})

const endedRun: Run = async driver => {
  for (const n of [1, 2, 2, 3]) await driver.pipe('in', { key: 'a', value: { n }, timestamp: n })
}

/** Holds back what it commits until its next commit, as one that commits behind the ledger does. */
class LateSink extends CapturingSink {
  private late: readonly SinkPosition[] = []
  private held = this.pending
  override async open(tasks: Parameters<CapturingSink['open']>[0]) {
    this.held = []
    return super.open(tasks)
  }
  override async commit(positions: readonly SinkPosition[]) {
    const [now, next] = [this.held, this.pending]
    this.pending = now
    await super.commit(this.late)
    this.held = next
    this.late = positions
  }
}

/** Holds its rows, and forgets where it stands. */
class ForgetfulSink extends CapturingSink {
  override async commit() {
    return super.commit([])
  }
}

/** Drops the first thing that it is given after a restart. */
class DroppingSink extends CapturingSink {
  private opened = 0
  private drops = false
  override async open(tasks: Parameters<CapturingSink['open']>[0]) {
    this.drops = ++this.opened > 1
    return super.open(tasks)
  }
  override async write(...args: Parameters<CapturingSink['write']>) {
    if (!this.drops || this.kind !== 'mqtt') await super.write(...args)
    this.drops = false
  }
}

class LedgerWithoutOffsets extends MemoryLedger {
  override async commit(_offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    return super.commit([], outputs)
  }
}

class LedgerWithoutState extends MemoryLedger {
  override async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    return super.commit(
      offsets,
      outputs.filter(({ topic }) => !topic.endsWith('-changelog')),
    )
  }
}

/** Offsets first, records with the next commit: not one transaction. */
class TornLedger extends MemoryLedger {
  private torn: readonly Output[] = []
  override starts(...args: Parameters<MemoryLedger['starts']>) {
    this.torn = []
    return super.starts(...args)
  }
  override async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    const written = await super.commit(offsets, this.torn)
    this.torn = outputs
    return written
  }
}

describe('a planted fault is found', () => {
  const ledger = (kind: typeof MemoryLedger) => ({ ledger: (kafka: MemoryKafka) => new kind(kafka) })
  const sink = (kind: typeof CapturingSink) => ({ sink: (targets: CapturingSink['targets']) => new kind(targets) })

  test('none without one', async () => expect(broken(await crashReports(ended, endedRun))).toEqual([]))

  test.each<[string, NonNullable<CrashesOptions['ends']>, RegExp, string[]]>([
    ['a sink that commits behind the ledger', sink(LateSink), /^postgres .*is missing/, ['afterLedger']],
    ['a sink that forgets its position', sink(ForgetfulSink), /^postgres .*came again/, ['afterSinks']],
    [
      'a ledger that loses offsets',
      ledger(LedgerWithoutOffsets),
      /^topic sums.* in its place|is too many|came again/,
      [],
    ],
    ['a ledger that loses state', ledger(LedgerWithoutState), /^topic sums, partition 0: a {"n":3} @2 is missing/, []],
    ['a ledger that writes records after offsets', ledger(TornLedger), /^topic sums.* is missing/, ['afterLedger']],
    ['an MQTT end that drops a record', sink(DroppingSink), /^mqtt .* is missing/, ['beforeSinks']],
  ])('%s', async (_what, ends, message, points) => {
    const found = broken(await crashReports(ended, endedRun, { ends }))
    expect(found.flatMap(({ violations }) => violations).filter(each => message.test(each))).not.toEqual([])
    expect(found.map(({ point }) => point)).toEqual(expect.arrayContaining(points))
  })

  test('a processor that keeps its memory in a field', async () => {
    const forgetful = topology('forgetful', streams => {
      streams
        .stream('in', serdes)
        .processValues<number>({
          supplier: () => {
            let n = 0
            let context: any
            return {
              init: c => {
                context = c
              },
              process: record => context.forward({ ...record, value: ++n }),
            }
          },
        })
        .to('out', { key: text, value: json() })
    })
    const found = broken(await crashReports(forgetful, endedRun))
    expect(found[0]!.violations[0]).toBe('topic out, partition 0: a 2 @2 should have come before a 1 @2')
  })

  test('a run that fails only after a crash', async () => {
    let calls = 0
    const found = await crashReports(ended, async driver => {
      await endedRun(driver)
      if (++calls > 1) throw new Error('expected 3')
    })
    expect(found.every(({ violations }) => violations[0] === 'the run failed: expected 3')).toBe(true)
    await expect(
      crashReports(ended, async () => {
        throw new Error('at once')
      }),
    ).rejects.toThrow('at once')
  })
})
