import {
  type GlobalKTable,
  hopping,
  json,
  type KStream,
  type KTable,
  keyValueStore,
  type Serde,
  type StreamsBuilder,
  session,
  sliding,
  type Topology,
  text,
  topology,
  tumbling,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src'
import type { NodeSpec } from './case'
import * as fn from './functions'
import { processor } from './processors'

/** Told of every call of a `peek` step's action. */
export type OnPeek = (id: string, key: unknown, value: unknown) => void

/** Builds a case's topology with the public language; what its steps mean is the language's affair. `key`: how its sources read their keys. */
export function build(name: string, nodes: readonly NodeSpec[], onPeek: OnPeek, key = text): Topology {
  return topology(name, streams => new Adapter(streams, onPeek, { key, value: json<any>() }).addAll(nodes))
}

class Adapter {
  /** What each node gives, by id. */
  private readonly made = new Map<string, any>()

  constructor(
    private readonly streams: StreamsBuilder,
    private readonly onPeek: OnPeek,
    private readonly serdes: { readonly key: Serde<string>; readonly value: Serde<any> },
  ) {}

  addAll(nodes: readonly NodeSpec[]): void {
    for (const node of nodes) this.made.set(node.id, this.add(node))
  }

  private get(id: string): any {
    if (!this.made.has(id)) throw new Error(`node "${id}" is not made yet`)
    return this.made.get(id)
  }

  private add(node: NodeSpec): unknown {
    const { serdes } = this
    const { id: name, op, topic } = node
    if (op === 'stream') return this.streams.stream(topic, { ...serdes, name })
    if (op === 'table') return this.streams.table(topic, { ...serdes, name, ...materialized(node), ...versioned(node) })
    if (op === 'globalTable') return this.streams.globalTable(topic, { ...serdes, name })
    const from = this.get(node.from)
    if (op === 'join' || op === 'leftJoin' || op === 'outerJoin') return this.join(op, from, node)
    const steps = isStream(from)
      ? this.streamSteps(from, node)
      : isTable(from)
        ? tableSteps(from, node)
        : groupedSteps(from, node, this.made.get(node.with))
    const step = steps[op]
    if (step === undefined) throw new Error(`op "${op}" is not known for the kind of "${node.from}"`)
    return step()
  }

  private streamSteps(from: KStream<any, any>, node: NodeSpec): Record<string, () => unknown> {
    const name = node.id
    const named = { name }
    return {
      filter: () => from.filter(fn.predicate(node.predicate), named),
      filterNot: () => from.filterNot(fn.predicate(node.predicate), named),
      map: () => {
        const [key, value] = [fn.keyMapper(node.key), fn.valueMapper(node.value)]
        return from.map((v, k) => [key(v, k), value(v, k)], named)
      },
      mapValues: () => from.mapValues(fn.valueMapper(node.mapper), named),
      flatMap: () => from.flatMap(fn.flatMapper(node.mapper), named),
      flatMapValues: () => from.flatMapValues(fn.flatValueMapper(node.mapper), named),
      selectKey: () => from.selectKey(fn.keyMapper(node.mapper), named),
      peek: () => from.peek(({ key, value }) => this.onPeek(name, fn.shownKey(key), value), named),
      merge: () => from.merge(this.get(node.with), named),
      split: () => this.split(from, node),
      repartition: () => from.repartition({ name }),
      toTable: () => from.toTable({ name, ...materialized(node) }),
      process: () => from.process(processing(node)),
      processValues: () => from.processValues(processing(node)),
      groupByKey: () => from.groupByKey(),
      groupBy: () => from.groupBy(fn.keyMapper(node.key), named),
      to: () => from.to(node.topic, { key: json(), value: json(), name }),
    }
  }

  private split(from: KStream<any, any>, node: NodeSpec): void {
    const branches = node.branches.map((spec: any, i: number) => [`${i}`, fn.predicate(spec)])
    const streams = node.default
      ? from.split(Object.fromEntries(branches), { default: 'default' })
      : from.split(Object.fromEntries(branches))
    for (const [branch, stream] of Object.entries(streams)) this.made.set(`${node.id}.${branch}`, stream)
  }

  private join(op: 'join' | 'leftJoin' | 'outerJoin', from: any, node: NodeSpec): unknown {
    const name = node.id
    const other: object = this.get(node.with)
    const joiner = fn.joiner(node.joiner)
    if (isTable(from)) {
      const foreignKey = node.foreignKey === undefined ? {} : { foreignKey: fn.keyMapper(node.foreignKey) }
      return (from as any)[op](other, { name, joiner, ...foreignKey, ...materialized(node) })
    }
    if (isGlobalTable(other)) return from[op](other, { name, joiner, keyMapper: fn.keyMapper(node.keyMapper) })
    if (isTable(other)) {
      const grace = node.graceMs === undefined ? {} : { graceMs: node.graceMs }
      return from[op](other, { name, joiner, ...grace })
    }
    return from[op](other, { name, joiner, windows: { graceMs: 0, ...node.windows } })
  }
}

/** Streams and tables are told apart by what they can do. */
const isStream = (made: object): made is KStream<any, any> => 'toTable' in made
const isTable = (made: object): made is KTable<any, any> => 'toStream' in made
const isGlobalTable = (made: object): made is GlobalKTable<any, any> => 'store' in made

/** `Materialized.as(name)`. */
const materialized = ({ id, materialized }: NodeSpec) => (materialized ? { materialized: `${id}-store` } : {})

/** A versioned table (KIP-889). */
const versioned = ({ versioned }: NodeSpec) => (versioned === undefined ? {} : { versioned })

function processing({ id, processor: spec }: NodeSpec) {
  const store = `${id}-store`
  return { name: id, supplier: () => processor(spec, store), stores: [keyValueStore({ name: store })] }
}

function tableSteps(from: KTable<any, any>, node: NodeSpec): Record<string, () => unknown> {
  const name = node.id
  const options = { name, ...materialized(node) }
  return {
    filter: () => from.filter(fn.predicate(node.predicate), options),
    filterNot: () => from.filterNot(fn.predicate(node.predicate), options),
    mapValues: () => from.mapValues(fn.valueMapper(node.mapper), options),
    toStream: () =>
      node.key === undefined ? from.toStream({ name }) : from.toStream({ name, key: fn.keyMapper(node.key) }),
    suppress: () => from.suppress(suppression(node), { name }),
    groupBy: () => {
      const [key, value] = [fn.keyMapper(node.key), fn.valueMapper(node.value)]
      return from.groupBy((v, k) => [key(v, k), value(v, k)], { name })
    },
  }
}

function suppression({ until, timeLimitMs, maxRecords, maxBytes }: NodeSpec): any {
  if (until === 'windowCloses') return untilWindowCloses
  return untilTimeLimit(timeLimitMs, {
    ...(maxRecords !== undefined && { maxRecords }),
    ...(maxBytes !== undefined && { maxBytes }),
  })
}

/** Grouped, windowed and cogrouped streams, and grouped tables; `other` is the one that a cogroup takes in. */
function groupedSteps(from: any, node: NodeSpec, other: any): Record<string, () => unknown> {
  const options = { name: node.id, ...(node.retentionMs !== undefined && { retentionMs: node.retentionMs }) }
  return {
    count: () => from.count(options),
    reduce: () =>
      from.reduce(
        node.reducer === undefined
          ? { ...options, adder: fn.reducer(node.adder), subtractor: fn.reducer(node.subtractor) }
          : { ...options, reducer: fn.reducer(node.reducer) },
      ),
    aggregate: () => from.aggregate({ ...options, ...fn.aggregation(node.aggregate) }),
    cogroup: () => {
      const add = fn.reducer(node.adder)
      return other === undefined ? from.cogroup(add) : from.cogroup(other, add)
    },
    windowedBy: () => from.windowedBy(windows(node.windows), node.emit === undefined ? {} : { emit: node.emit }),
  }
}

function windows({ type, graceMs = 0, ...sizes }: any) {
  const make: any = { tumbling, hopping, sliding, session }[type as string]
  if (make === undefined) throw new Error(`windows "${type}" are not known`)
  return make({ ...sizes, graceMs })
}
