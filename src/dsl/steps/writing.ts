import type { Target } from '../../connectors/sink'
import { TopologyError } from '../../errors'
import { retainedStore } from '../../names'
import type { ToOptions } from '../face/writing'
import type { StoreSpec } from '../graph/store-spec'
import type { ToSpec } from '../graph/stream-specs'
import type { StreamDraft } from './drafts'

/** Adds the step that writes a stream to a topic, or to an end outside Kafka. */
export function written(
  { builder, node }: StreamDraft,
  to: ToSpec['topic'] | Target,
  { key, value, partition, name }: Partial<ToOptions<any, any>> = {},
): void {
  if (typeof to === 'object') {
    // An end that retains has to be given its last values again when it has lost them: they are state.
    const stores: StoreSpec[] = to.retains ? [{ name: retainedStore(to.name), kind: 'keyValue', changelog: true }] : []
    builder.add('sink', [node.id], { target: to }, { name: name ?? to.name, stores })
    return
  }
  if (key === undefined || value === undefined)
    throw new TopologyError(`to('${String(to)}'): say how key and value are written, as { key: text, value: json() }`)
  const spec: ToSpec = { topic: to, owner: 'author', key, value, ...(partition && { partition }) }
  builder.add('to', [node.id], spec, { name })
}
