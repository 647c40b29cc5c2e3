import { repartitionTopic } from '../../names'
import type { Stateful } from '../face/options'
import type { GroupTableOptions } from '../face/tables'
import type { AnySerde, Mapper } from '../graph/functions'
import type { GraphNode } from '../graph/graph-node'
import type { TableAggregateSpec } from '../graph/table-specs'
import { keyedStore, named } from './aggregating'
import type { Builder } from './builder'
import { checkStep } from './checked-step'
import { nameless, serdesOf, type TableDraft } from './drafts'

/** A grouped table while its topology is built. */
export class TableGrouping {
  /** The changes of groups behind the topic of the group's own name: all its aggregations read that one, as in Kafka Streams. */
  private shared: GraphNode | undefined

  constructor(
    readonly builder: Builder,
    private readonly node: GraphNode,
    private readonly options: GroupTableOptions<any, any>,
  ) {}

  get key(): AnySerde | undefined {
    return this.options.key
  }

  /** The changes of groups as the aggregation `step` reads them: a group's rows may come from any partition. */
  sourceFor(step: string | undefined): GraphNode {
    if (!step) throw nameless(this.node)
    const { name } = this.options
    if (name === undefined) return this.through(step)
    this.shared ??= this.through(name)
    return this.shared
  }

  private through(name: string): GraphNode {
    const { builder, node } = this
    const topic = repartitionTopic(builder.name, name)
    const serdes = serdesOf(this.options)
    builder.add('repartition', [node.id], { topic, ...serdes, changes: true }, { name: `${name}-repartition` })
    return builder.add(
      'source',
      [],
      { topic, owner: 'weir', ...serdes, changes: true, onBadRecord: 'fail', internal: 'repartition' },
      { name: `${name}-repartitioned` },
    )
  }
}

export function tableGrouped(
  { builder, node }: TableDraft,
  mapper: Mapper<readonly [unknown, unknown]>,
  options: GroupTableOptions<any, any> = {},
): TableGrouping {
  checkStep('groupBy', options, 'groupBy')
  const { name } = options
  return new TableGrouping(builder, builder.add('tableGroupBy', [node.id], { mapper }, { name }), options)
}

/** Adds an aggregation of a grouped table, behind the topic that brings each group's rows together. */
export function tableAggregated(
  grouping: TableGrouping,
  options: Partial<Stateful> = {},
  identity: string,
  spec: Omit<TableAggregateSpec, 'store'>,
): TableDraft {
  const { builder, key } = grouping
  const source = grouping.sourceFor(options.name)
  const store = keyedStore(options, identity)
  const node = builder.add('tableAggregate', [source.id], { store: store.name, ...spec }, named(store))
  return { kind: 'table', builder, node, key }
}
