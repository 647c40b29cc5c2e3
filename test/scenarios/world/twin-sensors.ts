import { isKind, type Topology } from '../../../src/dsl/graph'
import { sensorsJob } from '../../../src/sensors/audit/sensors-job'
import sensors from '../../../topology/sensors'

/** The topics of one twin. */
export const twinTopic = (topic: string, twin: string) => `${topic}-${twin}`

/**
 * `topology/sensors.ts` under another name and with topics of its own, so that it can run beside itself; its ends outside Kafka are
 * left out.
 */
export function twinSensors(twin: string): Topology {
  const name = twinTopic(sensorsJob.application, twin)
  const ids = new Map<number, number>()
  const nodes = sensors.nodes
    .filter(node => !isKind(node, 'sink'))
    .map((node, id) => {
      ids.set(node.id, id)
      const parents = node.parents.map(parent => ids.get(parent)!)
      const { spec } = node
      if (!('topic' in spec) || typeof spec.topic !== 'string') return { ...node, id, parents }
      const internal = spec.topic.startsWith(`${sensors.name}-`)
      const topic = internal ? spec.topic.replace(sensors.name, name) : twinTopic(spec.topic, twin)
      return { ...node, id, parents, spec: { ...spec, topic } }
    })
  const stores = sensors.stores.filter(({ name }) => nodes.some(node => node.stores.includes(name)))
  return { name, nodes: nodes as Topology['nodes'], stores }
}

export default twinSensors(process.env.WEIR_TWIN ?? 'twin')
