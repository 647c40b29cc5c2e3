import { checkOptions, serde } from '../../checked-options'
import type { Target } from '../../connectors/sink'
import { TopologyError } from '../../errors'
import { retainedStore } from '../../names'
import type { ToOptions } from '../face/writing'
import type { StoreSpec } from '../graph/store-spec'
import type { ToSpec } from '../graph/stream-specs'
import { checkTopicName, nameOf, stepOptions } from './checked-step'
import type { StreamDraft } from './drafts'

/** Adds the step that writes a stream to a topic, or to an end outside Kafka. */
export function written(
  { builder, node }: StreamDraft,
  to: ToSpec['topic'] | Target,
  options: Partial<ToOptions<any, any>> = {},
): void {
  if (typeof to === 'object' && to !== null) {
    if (typeof to.encoder !== 'function')
      throw new TopologyError(
        'to: give it a topic, or an end, as mqtt() and postgres() make one, and not another object',
      )
    const { name } = nameOf(`to ${to.name}`, options)
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
