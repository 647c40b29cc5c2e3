import { TopologyError } from '../../errors'
import { repartitionTopic } from '../../names'
import type { RepartitionOptions } from '../face/grouping'
import { checkStep } from './checked-step'
import { nameless, type StreamDraft, serdesOf } from './drafts'

/** The stream behind a repartition topic named after the step that needs it: `<topology>-<name>-repartition`. */
export function repartitioned(stream: StreamDraft, options: Partial<RepartitionOptions<any, any>> = {}): StreamDraft {
  checkStep('repartition', options, 'repartition')
  const { name, only, partitions, key, value } = options
  const { builder, node } = stream
  if (!name) throw new TopologyError('repartition: give it a name, it becomes the name of its topic')
  const topic = repartitionTopic(builder.name, name)
  const serdes = serdesOf({ key: key ?? stream.key, value: value ?? stream.value })
  const spec = { topic, ...serdes, ...(only && { only }), ...(partitions && { partitions }) }
  const out = builder.add('repartition', [node.id], spec, { name: `${name}-repartition` })
  const source = builder.add(
    'source',
    [],
    { topic, owner: 'weir', ...serdes, onBadRecord: 'fail', internal: 'repartition' },
    { name: `${name}-repartitioned` },
  )
  // What lies well is passed on directly and meets what went through the topic.
  const placed = only === undefined ? source : builder.add('merge', [out.id, source.id], {}, { name: `${name}-placed` })
  return { kind: 'stream', builder, node: placed, rekeyed: false, ...serdes }
}

/** The stream as a keyed step needs it: behind a repartition of the step's name where the key may have changed. */
export function keyed(stream: StreamDraft, name: string | undefined): StreamDraft {
  if (!name) throw nameless(stream.node)
  return stream.rekeyed ? repartitioned(stream, { name }) : stream
}
