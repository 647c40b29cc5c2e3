import type { Target } from '../connectors/sink'
import type { Topology } from '../dsl/graph'
import { timeHeader } from '../engine/task/time-report'
import { changelogTopic } from '../names'
import type { WrittenRecord } from './captured-targets'
import type { LoggedRecord, MemoryKafka } from './memory-kafka'

/** One thing that an end holds: what makes it the same as another, and how it is shown. */
interface Item {
  readonly id: string
  readonly shown: string
}

/** What an end holds after a run, and what it promises of it. */
export interface End {
  readonly name: string
  /** `exactlyOnce`: the same in the same order. `atLeastOnce`: repeats may follow the first. */
  readonly promise: 'exactlyOnce' | 'atLeastOnce'
  readonly items: readonly Item[]
}

/** What a run leaves to be looked at: the test driver. */
export interface Remains {
  readonly kafka: Pick<MemoryKafka, 'log' | 'partitionCount'>
  readonly outputTopics: readonly string[]
  readonly targets: readonly Target[]
  written(target: string): readonly WrittenRecord[]
}

/** Everything that a run has left behind: topics by partition, the state in its changelogs, and the ends outside Kafka. */
export function endsOf(driver: Remains, topology: Topology): End[] {
  const topics = driver.outputTopics.flatMap(topic => topicEnds(driver, topic))
  const stores = topology.stores
    .filter(({ changelog }) => changelog)
    .map(({ name }) => stateEnd(driver, topology, name))
  const targets = new Map(driver.targets.map(target => [target.name, target]))
  return [...topics, ...stores, ...[...targets.values()].flatMap(target => targetEnds(driver, target))]
}

/** What a run after a crash has broken of the promises, told one by one. */
export function violations(expected: readonly End[], actual: readonly End[]): string[] {
  const names = new Set([...expected, ...actual].map(({ name }) => name))
  return [...names].flatMap(name => {
    const [wanted, got] = [expected, actual].map(ends => ends.find(end => end.name === name))
    const first = (items: readonly Item[] = []) =>
      (wanted ?? got)?.promise === 'exactlyOnce' ? items : firstOccurrences(items)
    const difference = firstDifference(first(wanted?.items), first(got?.items))
    return difference === undefined ? [] : [`${name}: ${difference}`]
  })
}

function firstDifference(expected: readonly Item[], actual: readonly Item[]): string | undefined {
  const at = expected.findIndex((item, i) => item.id !== actual[i]?.id)
  if (at < 0 && actual.length === expected.length) return undefined
  const index = at < 0 ? expected.length : at
  const [wanted, got] = [expected[index], actual[index]]
  if (got === undefined) return wanted && `${wanted.shown} is missing`
  if (actual.slice(0, index).some(({ id }) => id === got.id)) return `${got.shown} came again`
  if (wanted === undefined) return `${got.shown} is too many`
  if (!actual.some(({ id }) => id === wanted.id)) return `${wanted.shown} is missing; in its place: ${got.shown}`
  return `${wanted.shown} should have come before ${got.shown}`
}

function firstOccurrences(items: readonly Item[]): Item[] {
  const first = new Map<string, Item>()
  for (const item of items) if (!first.has(item.id)) first.set(item.id, item)
  return [...first.values()]
}

function topicEnds({ kafka }: Remains, topic: string): End[] {
  const records = kafka.log.filter(record => record.topic === topic && record.headers?.[timeHeader] === undefined)
  const promise = 'exactlyOnce'
  const keyed = Array.from({ length: kafka.partitionCount }, (_, partition) => ({
    name: `topic ${topic}, partition ${partition}`,
    promise,
    items: records.filter(record => record.partition === partition && record.key !== null).map(itemOf),
  }))
  // Those without a key go to any partition, so that only their number is promised.
  const keyless = records.filter(({ key }) => key === null).map(itemOf)
  keyless.sort((a, b) => (a.id < b.id ? -1 : 1))
  return [...keyed, { name: `topic ${topic}, without key`, promise, items: keyless }] as End[]
}

/** A store as its changelog would restore it: the last value of each key. */
function stateEnd({ kafka }: Remains, { name: application }: Topology, store: string): End {
  const last = new Map<string, Item>()
  for (const record of kafka.log) {
    if (record.topic !== changelogTopic(application, store)) continue
    const key = `${record.partition} ${record.key?.toString('hex')}`
    if (record.value === null) last.delete(key)
    else last.set(key, itemOf({ ...record, timestamp: 0 }))
  }
  const items = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
  return { name: `store ${store}`, promise: 'exactlyOnce', items }
}

function targetEnds(driver: Remains, { name, end, retains }: Target): End[] {
  const records = driver.written(name)
  const promise = end.guarantee === 'exactly_once' ? 'exactlyOnce' : 'atLeastOnce'
  const all = { name: `${end.kind} ${name}`, promise, items: records.map(record => shownItem(record)) } as const
  if (retains === undefined) return [all]
  const last = new Map(records.map(record => [retains(record), shownItem(record)]))
  const items = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
  return [all, { name: `${end.kind} ${name}, retained values`, promise: 'exactlyOnce', items }]
}

function shownItem(record: object): Item {
  const shown = JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
  return { id: shown, shown }
}

function itemOf({ key, value, timestamp, headers }: Omit<LoggedRecord, 'topic' | 'partition' | 'offset'>): Item {
  const hex = (bytes: Buffer | null | undefined) => bytes?.toString('hex') ?? null
  // A dead letter's stack says by which calls a record came to its step, which differ after a restart.
  const marks = Object.entries(headers ?? {}).flatMap(([name, bytes]) =>
    name === 'weir.error.stack' ? [] : [[name, hex(bytes)]],
  )
  return {
    id: JSON.stringify([hex(key), hex(value), timestamp, marks]),
    shown: `${text(key)} ${text(value)} @${timestamp}`,
  }
}

/** Bytes for a person: text where they are text. */
function text(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  const read = bytes.toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not text has them
  return /[\u0000-\u0008\ufffd]/.test(read) ? `0x${bytes.toString('hex')}` : read
}
