import { TopologyError } from '../../errors'
import type { VersionedOptions } from '../face/streams-builder'
import type { GraphNode } from '../graph/graph-node'
import { type StoreLocation, storeSpec } from '../graph/store-spec'
import type { Builder } from './builder'

interface VersionedStep extends VersionedOptions {
  readonly name: string
  readonly store: string
  readonly location: StoreLocation | undefined
}

/** Adds the step of a versioned table behind a source. */
export function versionedTable(
  builder: Builder,
  source: GraphNode,
  { name, store, location, historyRetentionMs }: VersionedStep,
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
