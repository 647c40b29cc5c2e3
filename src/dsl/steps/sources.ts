import { checkOptions } from '../../checked-options'
import { TopologyError } from '../../errors'
import type { GlobalTableOptions, StreamOptions, TableOptions } from '../face/streams-builder'
import { type GraphNode, isKind } from '../graph/graph-node'
import type { SourceSpec } from '../graph/sources'
import type { Builder } from './builder'
import { checkTopicName, stepOptions } from './checked-step'
import type { GlobalTableDraft, StreamDraft, TableDraft } from './drafts'
import { storeOf, tableFrom } from './tables'
import { versionedTable } from './versioned-table'

type Options = Partial<StreamOptions<any, any>>

export function streamOf(builder: Builder, topic: string, options: Options = {}): StreamDraft {
  checkTopicName('stream', topic)
  checkOptions(`topic ${topic}`, options, stepOptions.stream)
  const { key, value } = options
  return { kind: 'stream', builder, node: sourceOf(builder, topic, options), rekeyed: false, key, value }
}

export function tableOf(builder: Builder, topic: string, options: Partial<TableOptions<any, any>> = {}): TableDraft {
  checkTopicName('table', topic)
  checkOptions(`topic ${topic}`, options, stepOptions.table)
  if (options.versioned !== undefined)
    checkOptions(`topic ${topic}: versioned`, options.versioned, stepOptions.versioned)
  const { name = `${topic}-table`, materialized, location, versioned, restoreFrom, ...rest } = options
  const { key, value } = options
  const source = sourceOf(builder, topic, { name: `${topic}-source`, ...rest })
  const isOwnChangelog = restoreFrom === 'sourceTopic'
  if (versioned === undefined) {
    const spec = { ...storeOf(options), ...(isOwnChangelog && { restoreFrom: topic }) }
    return { ...tableFrom({ builder }, source, name, spec), key, value }
  }
  if (isOwnChangelog)
    throw new TopologyError(
      `table ${name}: a versioned table can't be restored from its source topic, which keeps no history; leave restoreFrom out`,
    )
  const node = versionedTable(builder, source, { name, store: materialized ?? name, location, ...versioned })
  return { kind: 'table', builder, node, key, value }
}

/** Adds a global table to a topology. It is restored from its topic and has no changelog. */
export function globalTableOf(
  builder: Builder,
  topic: string,
  options: Partial<GlobalTableOptions<any, any>> = {},
): GlobalTableDraft {
  checkTopicName('globalTable', topic)
  checkOptions(`topic ${topic}`, options, stepOptions.globalTable)
  const { name = topic, key, value, timestamp } = options
  if (typeof key?.bind !== 'function' || typeof value?.bind !== 'function')
    throw new TopologyError(`globalTable ${name}: say how key and value are read, as { key: text, value: json() }`)
  if (builder.sourceOf(topic) !== undefined)
    throw new TopologyError(
      `globalTable ${name}: topic ${topic} is read already; a topic is either global or it is not`,
    )
  const store = {
    name: `${name}-global`,
    kind: 'keyValue' as const,
    changelog: false,
    sourceTopic: topic,
    options: { global: true },
  }
  const spec = { topic, owner: 'author' as const, key, value, ...(timestamp && { timestamp }), store: store.name }
  return { kind: 'globalTable', builder, node: builder.add('globalSource', [], spec, { name, stores: [store] }) }
}

/** The step that reads a topic; there is one a topic, so that its records are read and processed once. */
function sourceOf(builder: Builder, topic: string, options: Options): GraphNode {
  const { name = topic, onBadRecord = 'deadLetter', ...rest } = options
  checkSerdes(topic, rest)
  const spec: SourceSpec = { topic, owner: 'author', ...rest, onBadRecord }
  const known = builder.sourceOf(topic)
  if (known === undefined) return builder.add('source', [], spec, { name })
  if (isKind(known, 'source') && reading(known.spec) === reading(spec) && known.spec.timestamp === spec.timestamp)
    return known
  throw new TopologyError(
    `topic ${topic}: it is read already, with other options; read it once and use that stream or table in both places`,
  )
}

/** Throws TopologyError for a topic that nothing says how to read. */
function checkSerdes(topic: string, { key, value }: Options): void {
  if (typeof key?.bind !== 'function' || typeof value?.bind !== 'function')
    throw new TopologyError(`topic ${topic}: say how key and value are read, as { key: text, value: json() }`)
}

const reading = ({ key, value, idleMs, onBadRecord }: SourceSpec) =>
  JSON.stringify([key && 'name' in key && key.name, value?.name, idleMs, onBadRecord])
