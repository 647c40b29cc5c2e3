import { listTopics } from '../../../ops/topics'
import { verb } from '../../shared/verb'

export default verb<{ internal?: boolean }>({
  options: [{ flags: '--internal', about: "Kafka's own topics too" }],
  about: 'OFFLINE counts partitions without a leader, UNDER-REPLICATED those with replicas that are not in sync.',
  examples: [
    ['topics list', 'the topics of the cluster'],
    ["topics list -o json | jq -r '.[].topic'", 'only their names'],
  ],
  async run({ cluster, options, out }) {
    out.rows(await listTopics(cluster, { internal: options.internal === true }), [
      { title: 'TOPIC', value: row => row.topic },
      { title: 'PARTITIONS', value: row => row.partitions },
      { title: 'REPLICATION', value: row => row.replication },
      {
        title: 'UNDER-REPLICATED',
        value: row => row.underReplicated,
        colour: row => (row.underReplicated ? 'yellow' : undefined),
      },
      { title: 'OFFLINE', value: row => row.leaderless, colour: row => (row.leaderless ? 'red' : undefined) },
    ])
  },
})
