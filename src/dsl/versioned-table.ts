import { TopologyError } from '../errors'
import type { Builder } from './builder'
import { type GraphNode, isKind } from './graph'
import { storeSpec } from './store-spec'

/** How long a versioned table remembers. */
export interface VersionedOptions {
  /** ms before the largest timestamp seen: so far back values are known, and updates taken. */
  readonly historyRetentionMs: number
}

/** Adds the step of a versioned table behind a source. */
export function versionedTable(
  builder: Builder,
  source: GraphNode,
  { name, store, location, historyRetentionMs }: VersionedOptions & { name: string; store: string; location: unknown },
): GraphNode<'versionedTable'> {
  if (!Number.isSafeInteger(historyRetentionMs) || historyRetentionMs < 0)
    throw new TopologyError(
      `table ${name}: historyRetentionMs has to be a whole number of ms, 0 or more, and is ${historyRetentionMs}`,
    )
  const spec = {
    ...storeSpec('versioned', { name: store, location }),
    identity: JSON.stringify({ historyRetentionMs }),
    options: { historyRetentionMs },
  }
  return builder.add('versionedTable', [source.id], { store, historyRetentionMs }, { name, stores: [spec] })
}

/** How long a table remembers, if it does: a versioned one, or filters and mappings of one that keep no store of their own. */
export function historyOf(nodeOf: (id: number) => GraphNode, id: number): number | undefined {
  const node = nodeOf(id)
  if (isKind(node, 'versionedTable')) return node.spec.historyRetentionMs
  const computed = (isKind(node, 'tableFilter') || isKind(node, 'tableMapValues')) && !node.spec.materialized
  return computed ? historyOf(nodeOf, node.parents[0]!) : undefined
}
