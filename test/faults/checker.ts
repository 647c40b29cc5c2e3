import type { LightKafka } from '../../src/light/light-kafka'
import { deadLetterTopic } from '../../src/names'
import type { LiveRows } from './ends/live-end'
import type { Row, TableServer } from './ends/table-end'
import { RetainedSteps } from './real/audit/retained-steps'
import { GRACE_MS, type Reading, type Shape, SOURCE, WINDOW_MS } from './workload'
import { committedRecords, type LogRecord } from './world/read-log'

interface Held {
  readonly shape: Shape
  readonly kafka: LightKafka
  readonly table: TableServer
  readonly live: Pick<LiveRows, 'delivered' | 'retained'>
}

export interface Verdict {
  readonly violations: readonly string[]
  /** How many results were compared with what they should be. */
  readonly compared: number
}

interface Truth extends LogRecord {
  readonly partition: number
  /** Undefined for what is no JSON. */
  readonly reading: Reading | undefined
}

type Good = Truth & { readonly reading: Reading }

const most = 5
const text = (value: unknown) => JSON.stringify(value)

/** Recomputes everything from the source's log, and says in what the ends differ. Nothing of weir's is asked. */
export class Checker {
  private readonly violations: string[] = []
  private compared = 0
  private readonly truth: readonly Truth[]

  private constructor(private readonly held: Held) {
    this.truth = this.records(SOURCE).map(record => ({ ...record, reading: readingOf(record) }))
  }

  static check(held: Held): Verdict {
    const checker = new Checker(held)
    checker.all()
    return { violations: checker.violations, compared: checker.compared }
  }

  private get good(): Good[] {
    return this.truth.flatMap(each => (each.reading === undefined ? [] : [{ ...each, reading: each.reading }]))
  }

  private all(): void {
    const { shape, table, live } = this.held
    const places = this.good.map(({ partition, offset, value }) => `${partition}/${offset} ${value}`)
    const placeOf = ({ origin, record }: Row) => `${origin.partition}/${origin.offset} ${text(record.value)}`
    this.same('table raw', places, table.rows.filter(({ target }) => target === 'raw').map(placeOf))
    this.perKey(
      'topic copies',
      this.good.map(({ key, value }) => [key, value]),
      this.pairs('copies'),
    )
    const bad = this.truth.filter(({ reading }) => reading === undefined).map(({ value }) => value ?? '')
    this.same(
      'dead letters',
      bad,
      this.records(deadLetterTopic(SOURCE)).map(({ value }) => value ?? ''),
    )
    const delivered = live.delivered.filter(({ target }) => target === 'live')
    this.inOrderAtLeastOnce('live', delivered)
    this.repeats('live', delivered)
    this.same('live origins', [...new Set(places)], [...new Set(delivered.map(placeOf))])
    if (shape.hasSums) this.sums()
    if (shape.hasWindows) this.windows()
    if (shape.hasGroups) this.groups()
    if (shape.hasGroupWindows) this.groupWindows()
  }

  private sums(): void {
    const { shape, table } = this.held
    const totals = new Map<string, { count: number; sum: number }>()
    const expected = this.good.map(({ key, reading }): [string | null, string] => {
      const { count, sum } = totals.get(key ?? '') ?? { count: 0, sum: 0 }
      const next = { count: count + 1, sum: sum + reading.value }
      totals.set(key ?? '', next)
      return [key, text(next)]
    })
    this.perKey('topic sums', expected, this.pairs('sums'))
    if (!shape.hasOutbox) return
    const rows = table.rows.filter(({ target }) => target === 'table-sums')
    this.perKey(
      'table sums',
      expected,
      rows.map(({ record }) => [String(record.key), text(record.value)]),
    )
  }

  private windows(): void {
    const expected = this.closedWindows(({ key }) => key ?? '', true)
    this.same(
      'topic windows',
      expected,
      this.pairs('windows').map(([key, value]) => `${key} ${value}`),
    )
    const { live } = this.held
    const rows = live.delivered.filter(({ target }) => target === 'live-windows')
    this.same('live windows', expected, [...new Set(rows.map(({ record }) => `${record.key} ${text(record.value)}`))])
    // One value at each address: what a restart of the end has lost nobody writes again but on purpose.
    const retained = [...live.retained.values()].filter(({ target }) => target === 'live-windows')
    this.same(
      'live windows retained',
      expected,
      retained.map(({ record }) => `${record.key} ${text(record.value)}`),
    )
  }

  private groupWindows(): void {
    const expected = this.closedWindows(({ reading }) => reading.group, false)
    this.same(
      'topic group windows',
      expected,
      this.pairs('group-windows').map(([key, value]) => `${key} ${value}`),
    )
  }

  /** Every window that time has closed. `isOwnTime`: by its own partition's time; else by that of the partition that is the furthest behind. */
  private closedWindows(keyOf: (record: Good) => string, isOwnTime: boolean): string[] {
    const totals = new Map<string, { count: number; sum: number; partition: number; end: number }>()
    const times = new Map<number, number>()
    for (const record of this.good) {
      const { timestamp, reading, partition } = record
      const start = Math.floor(timestamp / WINDOW_MS) * WINDOW_MS
      const name = `${keyOf(record)}@${start}`
      const { count, sum } = totals.get(name) ?? { count: 0, sum: 0 }
      const end = start + WINDOW_MS + GRACE_MS
      totals.set(name, { count: count + 1, sum: sum + reading.value, partition, end })
      times.set(partition, Math.max(times.get(partition) ?? 0, timestamp))
    }
    const least = Math.min(...times.values())
    return [...totals].flatMap(([name, { count, sum, partition, end }]) =>
      end <= (isOwnTime ? (times.get(partition) ?? 0) : least) ? [`${name} ${text({ count, sum })}`] : [],
    )
  }

  private groups(): void {
    const counts = new Map<string, number>()
    const expected = this.good.map(({ reading: { group } }): [string, string] => {
      const next = (counts.get(group) ?? 0) + 1
      counts.set(group, next)
      return [group, String(next)]
    })
    this.perKey('topic groups', expected, this.pairs('groups'))
  }

  /** First occurrences by key are in order and none is missing; the last value at each address is the last one. */
  private inOrderAtLeastOnce(name: string, rows: readonly Row[]): void {
    const seen = new Set<string>()
    const first: [string, string][] = []
    for (const { record } of rows) {
      const value = text(record.value)
      if (seen.has(value)) continue
      seen.add(value)
      first.push([String(record.key), value])
    }
    this.perKey(
      name,
      this.good.map(({ key, value }) => [key, value]),
      first,
    )
    const last = new Map(this.good.map(({ key, value }) => [key ?? '', value]))
    const retained = [...last.keys()].map(key => `${key} ${text(this.held.live.retained.get(key)?.record.value)}`)
    this.same(
      `${name} retained`,
      [...last].map(([key, value]) => `${key} ${value}`),
      retained,
    )
  }

  /** A repetition goes back and then comes by everything again: nothing is left out, and nothing old comes by itself. */
  private repeats(name: string, rows: readonly Row[]): void {
    const steps = new RetainedSteps()
    for (const { record } of rows) steps.take(String(record.key), (record.value as Reading).id)
    this.violations.push(...steps.takeFaults().map(fault => `${name}: key ${fault}`))
  }

  private pairs(topic: string): [string | null, string | null][] {
    return this.records(topic).map(({ key, value }) => [key, value])
  }

  private records(topic: string): (LogRecord & { readonly partition: number })[] {
    const partitions = this.held.kafka.cluster.topics.get(topic)?.partitions ?? []
    return partitions.flatMap(({ log }, partition) => committedRecords(log).map(record => ({ ...record, partition })))
  }

  /** The same values as often, in any order. */
  private same(name: string, expected: readonly string[], found: readonly string[]): void {
    this.compared += expected.length
    const left = new Map<string, number>()
    for (const each of expected) left.set(each, (left.get(each) ?? 0) + 1)
    for (const each of found) left.set(each, (left.get(each) ?? 0) - 1)
    this.tell(
      name,
      'lost',
      [...left].filter(([, count]) => count > 0),
    )
    this.tell(
      name,
      'too many',
      [...left].filter(([, count]) => count < 0),
    )
  }

  /** The same values of each key in the same order. */
  private perKey(
    name: string,
    expected: readonly (readonly [string | null, string | null])[],
    found: readonly (readonly [string | null, string | null])[],
  ): void {
    this.compared += expected.length
    const [wanted, had] = [byKey(expected), byKey(found)]
    for (const key of new Set([...wanted.keys(), ...had.keys()])) {
      const [should, does] = [wanted.get(key) ?? [], had.get(key) ?? []]
      const at = should.findIndex((each, i) => each !== does[i])
      const place = at >= 0 ? at : should.length
      if (at < 0 && does.length === should.length) continue
      const words = does.length < should.length && place === does.length ? 'lost' : 'wrong'
      this.violations.push(
        `${name}, key ${key}: ${words}: ${should.length} expected, ${does.length} found; at ${place} ${should[place] ?? 'nothing'} expected, ${does[place] ?? 'nothing'} found`,
      )
    }
  }

  private tell(name: string, what: string, wrong: readonly (readonly [string, number])[]): void {
    if (wrong.length === 0) return
    const some = wrong.slice(0, most).map(([each, count]) => `${each} (${Math.abs(count)})`)
    this.violations.push(`${name}: ${wrong.length} ${what}: ${some.join('; ')}`)
  }
}

function readingOf({ value }: LogRecord): Reading | undefined {
  try {
    return JSON.parse(value ?? '') as Reading
  } catch {
    return undefined
  }
}

function byKey(pairs: readonly (readonly [string | null, string | null])[]): Map<string, (string | null)[]> {
  const found = new Map<string, (string | null)[]>()
  for (const [key, value] of pairs) {
    const list = found.get(key ?? '') ?? []
    if (list.length === 0) found.set(key ?? '', list)
    list.push(value)
  }
  return found
}
