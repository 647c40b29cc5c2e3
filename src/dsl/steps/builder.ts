import { checkOptions } from '../../checked-options'
import { TopologyError } from '../../errors'
import { changelogTopic } from '../../names'
import { itemAt } from '../../required'
import { type GraphNode, isKind, type NodeKind, type NodeSpecs, type Topology } from '../graph/graph-node'
import type { Queries } from '../graph/queries'
import { type StoreSpec, storeSpec } from '../graph/store-spec'
import { tableFacts } from '../graph/table-facts'
import { stepOptions } from './checked-step'
import { checkCircles } from './circle-check'
import { checkFunctions } from './function-checks'
import { checkQueries } from './queries'
import { checkOwner, checkTopic } from './topic-checks'

/** Collects the steps of one topology while its author's function runs; `finish` freezes them. Does no work. */
export class Builder {
  private readonly nodes: GraphNode[] = []
  private readonly stores = new Map<string, StoreSpec>()
  private readonly names = new Set<string>()
  private queries: Queries | undefined

  constructor(readonly name: string) {
    if (typeof name !== 'string' || !/^[A-Za-z0-9._-]{1,100}$/.test(name))
      throw new TopologyError(
        `topology name "${name}": use letters, digits, '.', '_' and '-', it becomes part of topic names`,
      )
  }

  /** Adds a step. Its name is the author's or made of kind and id; two steps of one name are the author's mistake. */
  add<K extends NodeKind>(
    kind: K,
    parents: readonly number[],
    spec: NodeSpecs[K],
    options: { name?: string | undefined; stores?: readonly StoreSpec[] } = {},
  ): GraphNode<K> {
    const id = this.nodes.length
    const name = options.name ?? `${kind}-${id}`
    if (this.names.has(name))
      throw new TopologyError(`step "${name}": a step of this name exists already; give each step a name of its own`)
    if ('topic' in spec && typeof spec.topic === 'string') checkTopic(name, spec.topic)
    if ('owner' in spec && spec.owner === 'author') checkOwner(this.name, name, spec.topic)
    checkFunctions(name, spec)
    this.names.add(name)
    for (const store of options.stores ?? []) this.addStore(store)
    const stores = (options.stores ?? []).map(store => store.name)
    const node = Object.freeze({
      id,
      kind,
      name,
      parents: Object.freeze([...parents]),
      spec,
      stores: Object.freeze(stores),
    })
    this.nodes.push(node as unknown as GraphNode)
    return node as GraphNode<K>
  }

  /** Adds a store, or meets one of the same description again: several steps may use one store. */
  addStore(store: StoreSpec): void {
    const known = this.stores.get(store.name)
    if (known !== undefined && known !== store)
      throw new TopologyError(
        `store "${store.name}": another store of this name exists already; stateful steps and stores need names of their own`,
      )
    if (known === undefined) checkTopic(store.name, changelogTopic(this.name, store.name))
    this.stores.set(store.name, store)
  }

  /** Says by which names the stores are asked for; checked when the topology is finished. */
  setQueries(queries: Queries): void {
    checkOptions('queries', queries, stepOptions.queries)
    if (this.queries !== undefined) throw new TopologyError('queries: said twice; name all stores in one call')
    this.queries = Object.freeze({ ...queries, stores: Object.freeze({ ...queries.stores }) })
  }

  node(id: number): GraphNode {
    return itemAt(this.nodes, id)
  }

  /** The source step that reads `topic` already, if there is one: a topic is read once. */
  sourceOf(topic: string): GraphNode | undefined {
    return this.nodes.find(node => 'topic' in node.spec && node.parents.length === 0 && node.spec.topic === topic)
  }

  /** Replaces the spec of a step while the topology is built: what only later steps decide (a table that has to be materialised). */
  amend<K extends NodeKind>(node: GraphNode<K>, spec: NodeSpecs[K], stores: readonly StoreSpec[] = []): GraphNode<K> {
    for (const store of stores) this.addStore(store)
    const amended = Object.freeze({
      ...node,
      spec,
      stores: Object.freeze([...node.stores, ...stores.map(store => store.name)]),
    })
    this.nodes[node.id] = amended as unknown as GraphNode
    return amended
  }

  finish(): Topology {
    if (this.nodes.length === 0)
      throw new TopologyError(`topology "${this.name}" has no step; begin with stream('topic', ...)`)
    checkCircles(this.nodes)
    this.materialise()
    const { queries } = this
    if (queries !== undefined) checkQueries(queries, [...this.stores.keys()])
    return Object.freeze({
      name: this.name,
      nodes: Object.freeze([...this.nodes]),
      stores: Object.freeze([...this.stores.values()]),
      ...(queries && { queries }),
    })
  }

  /** Gives a store to the tables that the author named one for, or that a later step needs one of. */
  private materialise(): void {
    const { materialised } = tableFacts(this.nodes)
    for (const id of materialised) {
      const node = itemAt(this.nodes, id)
      if (!isKind(node, 'tableSource')) continue
      const store = node.spec.materialized ?? node.name
      const { restoreFrom, location } = node.spec
      const kept = restoreFrom === undefined ? {} : { changelog: false, sourceTopic: restoreFrom }
      this.amend(node, { ...node.spec, store }, [{ ...storeSpec('keyValue', { name: store, location }), ...kept }])
    }
  }
}
