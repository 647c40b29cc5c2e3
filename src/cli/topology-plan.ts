import { planOf } from '../engine/plan'
import { planAgainst } from '../engine/topology-plan'
import { TOPOLOGY_ARGUMENT, topologyOf } from './load-topology'
import { verb } from './verb'

const means = {
  read: 'is read',
  keep: 'is there, and used',
  create: 'is missing, and will be made',
  leave: 'holds state that nothing uses any more',
}

export default verb({
  arguments: [TOPOLOGY_ARGUMENT],
  about:
    'Says which topics a start of the topology would create, keep or leave behind, against what the cluster has now. Changes nothing.',
  examples: [['topology plan', 'what topology/sensors.ts needs and what is there']],
  async run({ args, cluster, out }) {
    const plan = planOf(topologyOf(args[0]))
    const existing = new Map((await cluster.allTopics()).map(({ topic, partitions }) => [topic, partitions.length]))
    out.rows(await planAgainst(plan, existing), [
      { title: 'TOPIC', value: row => row.topic },
      { title: 'PARTITIONS', value: row => row.partitions },
      { title: 'ACTION', value: row => row.action },
      { title: 'MEANS', value: row => means[row.action] },
    ])
  },
})
