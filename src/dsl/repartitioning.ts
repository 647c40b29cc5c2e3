import type { KeySerde, Serde } from '../codecs/codec'
import { TopologyError } from '../errors'
import { repartitionTopic } from '../names'
import { given } from './checks'
import { KStream, type RepartitionOptions } from './stream'

/** What the language remembers of a stream's key and value while it is built. */
export interface KeyMemory {
  /** The key may have changed since the records were read: a keyed step needs a repartition first. */
  readonly rekeyed: boolean
  /** How key and value are written where an internal topic has to hold them. */
  readonly key?: KeySerde | undefined
  readonly value?: Serde<any> | undefined
}

/** The stream behind a repartition topic named after the step that needs it: `<topology>-<name>-repartition`. */
export function repartitioned<K, V>(stream: KStream<K, V>, options: RepartitionOptions<K, V>): KStream<K, V> {
  const { builder, node, memory } = stream
  const { name, only, partitions } = given(options)
  if (!name) throw new TopologyError('repartition: give it a name, it becomes the name of its topic')
  if (partitions !== undefined && !(Number.isSafeInteger(partitions) && partitions > 0))
    throw new TopologyError(`repartition ${name}: partitions has to be a whole number above 0, and is ${partitions}`)
  if (only !== undefined && only !== 'misplaced')
    throw new TopologyError(`repartition ${name}: only is 'misplaced' or left out, and is ${JSON.stringify(only)}`)
  const topic = repartitionTopic(builder.name, name)
  const key = options.key ?? memory.key
  const value = options.value ?? memory.value
  const serdes = { ...(key && { key }), ...(value && { value }) }
  const spec = { topic, ...serdes, ...(only && { only }), ...(partitions && { partitions }) }
  const out = builder.add('repartition', [node.id], spec, { name: `${name}-repartition` })
  const source = builder.add(
    'source',
    [],
    { topic, owner: 'weir', ...serdes, onBadRecord: 'fail', internal: 'repartition' },
    { name: `${name}-repartitioned` },
  )
  const after = { ...serdes, rekeyed: false }
  if (only === undefined) return new KStream(builder, source, after)
  return new KStream(builder, builder.add('merge', [out.id, source.id], {}, { name: `${name}-placed` }), after)
}
