import { listGroups } from '../../../ops/groups'
import { stateColour } from '../../shared/group-state'
import { verb } from '../../shared/verb'

export default verb<{ state?: string }>({
  options: [
    {
      flags: '--state <state>',
      about: 'only groups in this state',
      choices: ['Stable', 'Empty', 'PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling', 'Dead'],
    },
  ],
  examples: [
    ['groups list', 'the groups of the cluster'],
    ['groups list --state Empty', 'groups that nobody consumes with'],
  ],
  async run({ cluster, options, out }) {
    const groups = await listGroups(cluster)
    out.rows(
      groups.filter(each => options.state === undefined || each.state === options.state),
      [
        { title: 'GROUP', value: row => row.group },
        { title: 'TYPE', value: row => row.type },
        { title: 'PROTOCOL', value: row => row.protocolType || null },
        { title: 'STATE', value: row => row.state, colour: row => stateColour(row.state) },
      ],
    )
  },
})
