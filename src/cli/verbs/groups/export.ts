import { requireGroup } from '../../../ops/groups'
import { offsetsText } from '../../../ops/offsets-file'
import { verb } from '../../shared/verb'

export default verb({
  arguments: [{ name: '<group...>', about: 'one or more groups', completes: 'group' }],
  about: `Prints what groups have committed, as \`kafka-consumer-groups.sh --export\` does: lines of topic,partition,offset, with the group's name first
where there are several. \`weir groups import\` and Kafka's \`--from-file\` take them back.`,
  examples: [
    ['groups export billing > billing.csv', 'keeps where billing stands'],
    ['groups export billing shipping > groups.csv', 'of two groups'],
    ["groups export billing -o json | jq '.[].offset'", 'for a program'],
  ],
  async run({ cluster, args, out }) {
    const groups = []
    for (const name of args) {
      const { group, offsets } = await requireGroup(cluster, name)
      groups.push({ group, offsets })
      if (offsets.length === 0) out.note(`"${group}" has committed nothing`)
    }
    if (out.format === 'table') return out.line(offsetsText(groups))
    const rows = groups.flatMap(({ group, offsets }) =>
      offsets.map(({ topic, partition, offset }) => ({ group, topic, partition, offset })),
    )
    out.rows(rows, [])
  },
})
