import { checkOptions, serde } from '../../checked-options'
import type { Target } from '../../connectors/sink'
import { TopologyError } from '../../errors'
import { retainedStore } from '../../names'
import type { ToOptions } from '../face/writing'
import { type GraphNode, isKind } from '../graph/graph-node'
import type { StoreSpec } from '../graph/store-spec'
import type { ToSpec } from '../graph/stream-specs'
import type { Builder } from './builder'
import { checkTopicName, nameOf, stepOptions } from './checked-step'
import type { StreamDraft } from './drafts'

/** Serdes whose keys are one value each. */
const single = new Set(['text', 'bytes', 'integer', 'long', 'short', 'float', 'double'])

/** What changes of a table or of sessions delete has to be named by their keys: where those are known not to, each deletion would be a dead letter. */
function checkDeletions({ builder, node, key }: StreamDraft, { keyFault, name }: Target): void {
  let inner = key
  while (inner !== undefined && 'inner' in inner) inner = inner.inner
  if (keyFault === undefined || inner === undefined || !single.has(inner.name)) return
  if (mayDelete(node, builder))
    throw new TopologyError(
      `target ${name}, behind step ${node.name}: a null value may come. Then ${keyFault}; the key is ${inner.name}`,
    )
}

/** Whether null values of a table or of sessions come to what stands behind `node`; a filter may have taken them out. */
function mayDelete(node: GraphNode, builder: Builder): boolean {
  if (node.kind === 'peek' || node.kind === 'mapValues' || node.kind === 'merge' || node.kind === 'toStream')
    return node.parents.some(id => mayDelete(builder.node(id), builder))
  if (isKind(node, 'sessionAggregate')) return node.spec.emit === 'onUpdate'
  return (
    node.kind === 'tableSource' ||
    node.kind === 'tableFilter' ||
    node.kind === 'tableMapValues' ||
    node.kind === 'tableJoin'
  )
}

/** Adds the step that writes a stream to a topic, or to an end outside Kafka. */
export function written(
  stream: StreamDraft,
  to: ToSpec['topic'] | Target,
  options: Partial<ToOptions<any, any>> = {},
): void {
  const { builder, node } = stream
  if (typeof to === 'object' && to !== null) {
    if (typeof to.encoder !== 'function')
      throw new TopologyError(
        'to: give it a topic, or an end, as mqtt() and postgres() make one, and not another object',
      )
    const { name } = nameOf(`to ${to.name}`, options)
    checkDeletions(stream, to)
    // An end that retains has to be given its last values again when it has lost them: they are state.
    const stores: StoreSpec[] = to.retains ? [{ name: retainedStore(to.name), kind: 'keyValue', changelog: true }] : []
    builder.add('sink', [node.id], { target: to }, { name: name ?? to.name, stores })
    return
  }
  if (typeof to !== 'function') checkTopicName('to', to)
  const where = typeof to === 'function' ? 'to' : `to('${to}')`
  checkOptions(where, options, stepOptions.to)
  const { key, value, partition, name } = options
  if (key === undefined || value === undefined || !serde.fits(key) || !serde.fits(value))
    throw new TopologyError(`${where}: say how key and value are written, as { key: text, value: json() }`)
  const spec: ToSpec = { topic: to, owner: 'author', key, value, ...(partition && { partition }) }
  builder.add('to', [node.id], spec, { name })
}
