import { RefusedError } from '../../../ops/errors'
import { createTopic } from '../../../ops/topics'
import { itemAt } from '../../../required'
import { pairs, whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options {
  readonly partitions: number
  readonly replication: number
  readonly config?: Readonly<Record<string, string>>
  readonly ifNotExists?: boolean
}

export default verb<Options>({
  arguments: [{ name: '<topic>', about: 'the new topic' }],
  options: [
    {
      flags: '-p, --partitions <n>',
      about: "number of partitions (the broker's default)",
      parse: whole('partitions', 1),
    },
    {
      flags: '-r, --replication <n>',
      about: "replicas of each (the broker's default)",
      parse: whole('replication', 1),
    },
    { flags: '-c, --config <name=value>', about: 'a setting; may be repeated', parse: pairs },
    { flags: '--if-not-exists', about: 'done (0) when it is there already, instead of refused (4)' },
  ],
  examples: [
    ['topics create orders -p 10', 'ten partitions'],
    ['topics create prices -p 4 -c cleanup.policy=compact', 'keeps the last value of each key'],
    ['topics create orders --if-not-exists', 'for a script'],
  ],
  async run({ cluster, args, options, out, timeoutMs }) {
    const topic = itemAt(args, 0)
    const { partitions = -1, replication = -1, config = {} } = options
    try {
      await createTopic(cluster, { topic, partitions, replication, config }, timeoutMs)
    } catch (error) {
      if (!(error instanceof RefusedError && options.ifNotExists)) throw error
      out.thing({ topic, created: false }, () => {})
      return out.note(`topic "${topic}" exists already`)
    }
    out.thing({ topic, created: true }, () => {})
    out.note(`created topic "${topic}"`)
  },
})
