import { countRecords, type TopicCount } from '../../../ops/count'
import { matchingTopics } from '../../../ops/matching-topics'
import { partitionList } from '../../shared/parse'
import { Progress } from '../../shared/progress'
import { TOPICS } from '../../shared/topics-argument'
import { verb } from '../../shared/verb'

interface Options {
  readonly exact?: boolean
  readonly partition?: number[]
}

export default verb<Options>({
  arguments: [TOPICS],
  options: [
    { flags: '--exact', about: 'read the records and count them' },
    { flags: '-p, --partition <list>', about: 'only these, as 3 or 0,2,5-7', parse: partitionList },
  ],
  about:
    'Without --exact the number of offsets is told, at once. It is approximate: compaction leaves holes, each transaction leaves a\nmarker, aborted records have offsets too. With --exact every committed record is read.',
  examples: [
    ['topics count sensor_data', 'about how many records it has'],
    ['topics count sensor_data --exact', 'exactly how many'],
  ],
  async run({ cluster, args, options, out, stop }) {
    const counts: TopicCount[] = []
    for (const topic of await matchingTopics(cluster, args)) {
      const progress = new Progress(out.streams, `reading ${topic}`)
      const partitions = options.partition === undefined ? {} : { partitions: options.partition }
      const onProgress = (done: number, total: number) => progress.update(done, total)
      const exact = options.exact === true
      counts.push(await countRecords(cluster, topic, { exact, ...partitions, onProgress, signal: stop }))
      progress.end()
    }
    out.rows(counts, [
      { title: 'TOPIC', value: row => row.topic },
      { title: 'RECORDS', value: row => row.records },
      { title: 'COUNT', value: row => (row.exact ? 'exact' : 'approximate') },
    ])
    for (const { topic, exact, approximateBecause } of counts) {
      if (!exact) out.note(`"${topic}": approximate, ${approximateBecause.join(', ')}; --exact reads and counts`)
    }
  },
})
