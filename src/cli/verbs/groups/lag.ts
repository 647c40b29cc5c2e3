import { type DescribedGroup, describeGroup } from '../../../ops/describe-group'
import { CheckFailedError } from '../../../ops/errors'
import { lagByTopic, lagFault } from '../../../ops/group-lag'
import { groupWarnings } from '../../../ops/group-warnings'
import { whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

export default verb<{ max?: number }>({
  arguments: [{ name: '<group...>', about: 'one or more groups', completes: 'group' }],
  options: [
    {
      flags: '--max <n>',
      about: 'exit 5 when a group is further behind, or its lag is not known',
      parse: whole('max'),
    },
  ],
  about: 'The lag counts offsets up to the end of the log: markers of transactions are among them.',
  examples: [
    ['groups lag billing', 'how far behind, topic by topic'],
    ['groups lag billing --max 1000', 'for a script: exit 5 when it is more than 1000 behind'],
  ],
  async run({ cluster, args, options, out }) {
    const groups: DescribedGroup[] = []
    for (const group of args) groups.push(await describeGroup(cluster, group))
    out.rows(groups.flatMap(lagByTopic), [
      { title: 'GROUP', value: row => row.group },
      { title: 'TOPIC', value: row => row.topic },
      { title: 'PARTITIONS', value: row => row.partitions },
      { title: 'LAG', value: row => row.lag },
      { title: 'MOST', value: row => row.most },
    ])
    for (const group of groups) for (const { what } of groupWarnings(group)) out.note(what)
    const { max } = options
    if (max === undefined) return
    const faults = groups.flatMap(group => lagFault(group, max) ?? [])
    if (faults.length > 0) throw new CheckFailedError(faults.join('; '))
  },
})
