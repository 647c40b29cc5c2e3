import { describeGroup } from '../../../ops/describe-group'
import { groupWarnings } from '../../../ops/group-warnings'
import { itemAt } from '../../../required'
import { verb } from '../../shared/verb'

export default verb({
  arguments: [{ name: '<group>', about: 'the group', completes: 'group' }],
  examples: [
    ['groups members billing', 'who is in it and what each one has'],
    ['groups members billing -o json | jq length', 'how many'],
  ],
  async run({ cluster, args, out }) {
    const group = await describeGroup(cluster, itemAt(args, 0))
    const rows = group.members.map(({ memberId, instanceId, clientId, host, assigned, tasks }) => ({
      ...{ group: group.group, consumerId: memberId, instanceId, host, clientId },
      partitions: assigned.reduce((sum, { partitions }) => sum + partitions.length, 0),
      assignment: assigned,
      ...(group.weir ? { tasks: tasks?.active ?? [], standby: tasks?.standby ?? [] } : {}),
    }))
    out.rows(rows, [
      { title: 'GROUP', value: row => row.group },
      { title: 'CONSUMER-ID', value: row => row.consumerId },
      { title: 'INSTANCE-ID', value: row => row.instanceId },
      { title: 'HOST', value: row => row.host },
      { title: 'CLIENT-ID', value: row => row.clientId },
      { title: '#PARTITIONS', value: row => row.partitions },
      {
        title: 'ASSIGNMENT',
        value: row =>
          row.assignment.map(each => `${each.topic}:${[...each.partitions].sort((a, b) => a - b)}`).join(';') || null,
      },
    ])
    for (const { what } of groupWarnings(group)) out.note(what)
  },
})
