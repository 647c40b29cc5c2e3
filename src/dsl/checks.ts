import { TopologyError } from '../errors'
import { isReserved } from '../names'
import { type GraphNode, isKind } from './graph'
import type { NodeKind } from './nodes'

/** What Kafka takes as a topic's name: `org.apache.kafka.common.internals.Topic`. */
const legalName = /^[A-Za-z0-9._-]{1,249}$/

/** Throws TopologyError for a topic that Kafka would refuse, at the latest when the first worker makes it. */
export function checkTopic(step: string, topic: string): void {
  if (!legalName.test(topic) || topic === '.' || topic === '..')
    throw new TopologyError(
      `step "${step}": Kafka takes no topic "${topic}"; use up to 249 letters, digits, '.', '_' and '-', in the names of stateful steps too: they become topics`,
    )
}

/** Throws TopologyError for an author's topic under a name that weir makes topics of this application under. */
export function checkOwner(application: string, step: string, topic: unknown): void {
  if (typeof topic === 'string' && isReserved(application, topic))
    throw new TopologyError(
      `step "${step}": topics named like "${topic}" are made by weir for the state of "${application}", and emptied or deleted with it; give yours another name`,
    )
}

/** Fields of a step that are functions wherever they are. */
const functions = [
  'predicate',
  'mapper',
  'action',
  'operator',
  'supplier',
  'joiner',
  'keyMapper',
  'foreignKey',
] as const
const aggregating = ['initial', 'add', 'subtract', 'merge', 'result'] as const
const optional = ['timestamp', 'partition'] as const

/**
 * Throws TopologyError where a step lacks a function, or has something else for one. The compiler says so too, but topologies run
 * without it: what is missing must not show as every record's failure.
 */
export function checkFunctions(step: string, spec: object): void {
  const fields = spec as Readonly<Record<string, unknown>>
  for (const field of [...functions, ...aggregating, ...optional]) {
    if (!(field in fields) || typeof fields[field] === 'function') continue
    if (fields[field] === undefined && (optional as readonly string[]).includes(field)) continue
    throw notFunction(step, spoken(field, fields), fields[field])
  }
  const lists = { predicates: fields.predicates, adds: fields.adds }
  for (const [field, list] of Object.entries(lists))
    for (const each of Array.isArray(list) ? list : [])
      if (typeof each !== 'function') throw notFunction(step, `each of ${field}`, each)
}

/** A field as the author calls it: a reduction has no first value, and other words. */
function spoken(field: string, fields: object): string {
  if ('initial' in fields) return field
  const words = 'subtract' in fields ? { add: 'adder', subtract: 'subtractor' } : { add: 'reducer' }
  return (words as Readonly<Record<string, string>>)[field] ?? field
}

const notFunction = (step: string, field: string, found: unknown) =>
  new TopologyError(
    `step "${step}": ${field} has to be a function, and is ${found === undefined ? 'missing' : JSON.stringify(found)}`,
  )

/** Throws TopologyError for what isn't the description of a store: a mere name is no store yet. */
export function checkStore(step: string | undefined, store: unknown): void {
  if (typeof (store as { kind?: unknown } | null)?.kind === 'string') return
  throw new TopologyError(
    `process ${step ?? ''}: there is no store ${JSON.stringify(store)}; make it by keyValueStore({ name }), and name the same one wherever it is used`,
  )
}

/** The options as given, none where an author without the compiler gave none: then what is missing in them is told. */
export const given = <T extends object>(options: T | undefined): T => options ?? ({} as T)

/**
 * Throws TopologyError where every record of a topic comes back to it through the topology's own steps: each would go round for ever. Steps
 * alone follow from earlier ones; only a topic that is written further down closes a circle. One with a step that may end it (a filter, a
 * processor: records that are tried again) is the author's affair, and one whose topic is chosen per record isn't known here.
 */
export function checkCircles(nodes: readonly GraphNode[]): void {
  const next = followers(nodes)
  for (const node of nodes)
    if (isKind(node, 'to') && reaches(next, node.id, node.id))
      throw new TopologyError(
        `step "${node.name}": topic ${String(node.spec.topic)} is where its own records come from, and every one of them would go round for ever; ` +
          'write to another topic, or put a step in between that lets the circle end: filter, split, process',
      )
}

/** Steps that pass on something for every record. */
const passing: ReadonlySet<NodeKind> = new Set<NodeKind>([
  'source',
  'map',
  'mapValues',
  'selectKey',
  'peek',
  'merge',
  'repartition',
  'tableSource',
  'toStream',
  'aggregate',
  'to',
])

/** What every record of a step goes on to, by id: its children, and the sources of the topic that it writes. */
function followers(nodes: readonly GraphNode[]): number[][] {
  const next = nodes.map((): number[] => [])
  for (const node of nodes) {
    if (!passing.has(node.kind)) continue
    for (const parent of node.parents) next[parent]!.push(node.id)
    if (isKind(node, 'to') || isKind(node, 'repartition'))
      for (const source of nodes)
        if (isKind(source, 'source') && source.spec.topic === node.spec.topic) next[node.id]!.push(source.id)
  }
  return next
}

function reaches(next: readonly number[][], from: number, to: number): boolean {
  const seen = new Set<number>()
  const open = [...next[from]!]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true
    if (seen.has(id)) continue
    seen.add(id)
    open.push(...next[id]!)
  }
  return false
}
