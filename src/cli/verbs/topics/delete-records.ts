import { deleteRecords, planRecordDeletion } from '../../../ops/delete-records'
import { UsageError } from '../../../ops/errors'
import { parseWhere } from '../../../ops/where'
import { itemAt } from '../../../required'
import { CONFIRM, type Confirmed, isConfirmed } from '../../shared/confirm'
import { counted } from '../../shared/output'
import { partitionList } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly before?: string
  readonly partition?: number[]
}

export default verb<Options>({
  arguments: [{ name: '<topic>', about: 'the topic', completes: 'topic' }],
  options: [
    {
      flags: '--before <where>',
      about: 'which is the oldest to stay: latest (none), an offset, -10 (the last ten of each partition) or @time',
      completes: ['latest'],
    },
    { flags: '-p, --partition <list>', about: 'only these, as 3 or 0,2,5-7', parse: partitionList },
    ...CONFIRM,
  ],
  about: `Deletes the oldest records of each partition for good; the others keep their offsets. Without --yes it only shows what it would
do. OFFSETS counts what goes, markers of transactions among them. Records of a compacted topic go by key alone (refused, 4).`,
  examples: [
    ['topics delete-records orders --before @-7d', 'shows what is older than a week'],
    ['topics delete-records orders --before @-7d --yes', 'deletes it'],
    ['topics delete-records orders --before 1200 -p 3 --yes', 'of partition 3, all before offset 1200'],
    ['topics delete-records orders --before latest --yes', 'empties the topic'],
  ],
  async run({ cluster, args, options, out }) {
    const { before, partition } = options
    if (before === undefined) throw new UsageError('say up to where: --before latest, 1200, -10 or @-7d')
    const plan = await planRecordDeletion(cluster, itemAt(args, 0), parseWhere(before, Date.now()), partition)
    const done = isConfirmed(options)
    if (done) await deleteRecords(cluster, plan)
    out.rows(plan, [
      { title: 'TOPIC', value: row => row.topic },
      { title: 'PARTITION', value: row => row.partition },
      { title: 'FIRST', value: row => row.first },
      { title: 'NEW-FIRST', value: row => row.newFirst },
      { title: 'OFFSETS', value: row => row.offsets },
    ])
    const sum = counted(
      plan.reduce((all, { offsets }) => all + offsets, 0),
      'offset',
    )
    out.note(
      done
        ? `deleted ${sum} of "${args[0]}"`
        : `this would delete ${sum} for good; nothing was done, add --yes to do it`,
    )
  },
})
