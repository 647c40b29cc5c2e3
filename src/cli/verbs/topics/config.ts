import { UsageError } from '../../../ops/errors'
import { setTopicConfig, topicConfig } from '../../../ops/topic-config'
import { addPartitions } from '../../../ops/topics'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, requireYes } from '../../shared/confirm'
import { pairs, texts, whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly all?: boolean
  readonly set?: Readonly<Record<string, string>>
  readonly unset?: readonly string[]
  readonly partitions?: number
}

/** Kafka may delete records as soon as one of these changes. */
const DELETING = ['retention.ms', 'retention.bytes', 'cleanup.policy', 'delete.retention.ms', 'max.compaction.lag.ms']

export default verb<Options>({
  arguments: [{ name: '<topic>', about: 'the topic', completes: 'topic' }],
  options: [
    { flags: '--all', about: 'every setting, not only those that differ from the default' },
    { flags: '--set <name=value>', about: 'change a setting; may be repeated', parse: pairs },
    { flags: '--unset <name>', about: 'back to the default; may be repeated', parse: texts },
    { flags: '--partitions <n>', about: 'more partitions, so many in all', parse: whole('partitions', 1) },
    ...CONFIRM,
  ],
  about: `Shows the settings of a topic and who set them, or changes some; the others stay as they are. What can make Kafka delete
records (${DELETING.join(', ')}), and more partitions, which move keys, need --yes.`,
  examples: [
    ['topics config sensor_data', 'what is not the default'],
    ['topics config sensor_data --set max.message.bytes=2000000', 'allow larger records'],
    ['topics config sensor_data --set retention.ms=3600000 --yes', 'keep an hour'],
    ['topics config sensor_data --unset retention.ms --yes', 'keep as long as the cluster says'],
  ],
  async run({ cluster, args, options, out, timeoutMs }) {
    const topic = itemAt(args, 0)
    const { set = {}, unset = [], partitions } = options
    const changes = { ...set, ...Object.fromEntries(unset.map(name => [name, null])) }
    const names = Object.keys(changes)
    if (names.length < Object.keys(set).length + unset.length) throw new UsageError('one setting is both set and unset')
    let settings = await topicConfig(cluster, topic)
    const risky = names.filter(name => DELETING.includes(name))
    if (risky.length > 0)
      requireYes(options, `change ${risky.join(', ')}, and Kafka may then delete records of "${topic}"`)
    if (partitions !== undefined) {
      requireYes(options, `give "${topic}" ${partitions} partitions for ever, and keys go to others than before`)
      await addPartitions(cluster, topic, partitions, timeoutMs)
      out.note(`topic "${topic}" has ${partitions} partitions`)
    }
    if (names.length > 0) {
      settings = await setTopicConfig(cluster, topic, changes)
      out.note(`changed ${names.join(', ')} of "${topic}"`)
    }
    out.rows(
      settings.filter(each => options.all || each.source !== 'default' || names.includes(each.name)),
      [
        { title: 'SETTING', value: row => row.name },
        { title: 'VALUE', value: row => row.value ?? '(secret)' },
        { title: 'SET-BY', value: row => row.source },
      ],
    )
  },
})
