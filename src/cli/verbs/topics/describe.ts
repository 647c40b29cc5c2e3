import { describeTopic, type TopicDescription } from '../../../ops/describe-topic'
import { matchingTopics } from '../../../ops/matching-topics'
import { type Output, size, table } from '../../shared/output'
import { TOPICS } from '../../shared/topics-argument'
import { verb } from '../../shared/verb'

export default verb<{ all?: boolean }>({
  arguments: [TOPICS],
  options: [{ flags: '--all', about: 'every setting, not only those that differ from the default' }],
  about:
    'FIRST is the offset of the oldest record, NEXT the one that the next record gets; SIZE is what the leader has on disk.',
  examples: [
    ['topics describe sensor_data', 'its partitions and settings'],
    ["topics describe sensor_data -o json | jq '.[0].bytes'", 'its size in bytes'],
  ],
  async run({ cluster, args, options, out }) {
    const topics = []
    for (const topic of await matchingTopics(cluster, args)) topics.push(await describeTopic(cluster, topic))
    out.things(topics, topic => print(topic, options.all === true, out))
  },
})

function print(topic: TopicDescription, all: boolean, out: Output): void {
  const head = [
    `partitions ${topic.partitions.length}`,
    `replication ${topic.replication}`,
    `size ${size(topic.bytes)}`,
  ]
  if (topic.id !== null) head.push(`id ${topic.id}`)
  out.line(`${out.paint(topic.topic, 'bold')}  ${head.join(', ')}`)
  const shown = topic.settings.filter(each => all || each.source !== 'default')
  for (const { name, value, source } of shown)
    out.line(`  ${name} = ${value ?? '(secret)'}  ${out.paint(`(${source})`, 'dim')}`)
  out.line(
    table(
      topic.partitions,
      [
        { title: 'PARTITION', value: row => row.partition },
        {
          title: 'LEADER',
          value: row => row.leader ?? 'none',
          colour: row => (row.leader === null ? 'red' : undefined),
        },
        { title: 'REPLICAS', value: row => row.replicas.join(',') },
        {
          title: 'ISR',
          value: row => row.isr.join(','),
          colour: row => (row.isr.length < row.replicas.length ? 'yellow' : undefined),
        },
        { title: 'FIRST', value: row => row.first },
        { title: 'NEXT', value: row => row.last },
        { title: 'SIZE', value: row => size(row.bytes) },
      ],
      (text, colour) => out.paint(text, colour),
    ),
  )
}
