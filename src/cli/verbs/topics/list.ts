import { matchingTopics } from '../../../ops/matching-topics'
import { listTopics, requireTopic } from '../../../ops/topics'
import { verb } from '../../shared/verb'

export default verb<{ internal?: boolean }>({
  arguments: [
    { name: '[topic...]', about: 'only these: names, or patterns: orders-*, /^orders-\\d+$/', completes: 'topic' },
  ],
  options: [{ flags: '--internal', about: "Kafka's own topics too" }],
  about: 'OFFLINE counts partitions without a leader, UNDER-REPLICATED those with replicas that are not in sync.',
  examples: [
    ['topics list', 'the topics of the cluster'],
    ["topics list 'orders-*'", 'those whose names begin so'],
    ["topics list -o json | jq -r '.[].topic'", 'only their names'],
  ],
  async run({ cluster, args, options, out }) {
    const topics = await listTopics(cluster, { internal: options.internal === true })
    const wanted = args.length === 0 ? undefined : new Set(await matchingTopics(cluster, args))
    const rows = topics.filter(({ topic }) => wanted === undefined || wanted.has(topic))
    for (const name of wanted ?? []) if (!topics.some(({ topic }) => topic === name)) await requireTopic(cluster, name)
    out.rows(rows, [
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
