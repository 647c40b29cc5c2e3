import { ConfluentRegistry } from '../../../codecs/schema-registry'
import { readConfig } from '../../../config'
import { grow } from '../../../engine/grow/grow'
import { growthOf } from '../../../engine/grow/growth'
import { copartitioned } from '../../../engine/plan/passes/copartition'
import { homed } from '../../../engine/plan/passes/homed'
import { planOf } from '../../../engine/plan/plan'
import { readManifest } from '../../../engine/plan/state-manifest'
import { groupOf } from '../../../names'
import { awaitIdle } from '../../../ops/await-idle'
import { UsageError } from '../../../ops/errors'
import { CONFIRM, type Confirmed, isConfirmed } from '../../shared/confirm'
import { withBroker } from '../../shared/engine-broker'
import { TOPOLOGY_ARGUMENT, topologyOf } from '../../shared/load-topology'
import { counted } from '../../shared/output'
import { whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly partitions?: number
}

export default verb<Options>({
  arguments: [TOPOLOGY_ARGUMENT],
  options: [
    { flags: '--partitions <n>', about: 'over how many tasks its state is spread then', parse: whole('partitions') },
    ...CONFIRM,
  ],
  about: `Gives a topology that keeps state more partitions: adds them to the topics that its steps with state read and to its own, and moves
state and waiting records to where their keys belong then, once. Stop its workers first; refused (4) while one runs. Killed anywhere, run it again.
Where windows, joins or suppress keep state, n is a multiple of what there is. Without --execute it only shows what it would do.`,
  examples: [
    ['topology grow --partitions 20', 'what the topology of this folder would get'],
    ['topology grow sensors --partitions 20 --execute', 'does it'],
  ],
  async run({ args, options, cluster, kafka, out }) {
    const { partitions } = options
    if (partitions === undefined || partitions < 1) throw new UsageError('say how many: --partitions 20')
    const topology = await topologyOf(args[0])
    const { name } = topology
    await withBroker(name, kafka, async broker => {
      await awaitIdle(cluster, groupOf(name))
      const counts = new Map((await cluster.allTopics()).map(each => [each.topic, each.partitions.length]))
      const manifest = await readManifest(name, broker)
      const plan = planOf(copartitioned(homed(topology, manifest.grown), counts))
      const growth = growthOf(plan, counts, manifest, partitions)
      const rows = [
        ...[...growth.topics].map(([topic, from]) => ({ what: 'topic', name: topic, from, to: partitions })),
        ...growth.parts.flatMap(({ stores, from }) =>
          stores.map(store => ({ what: 'store', name: store.name, from, to: partitions })),
        ),
      ]
      out.rows(rows, [
        { title: 'WHAT', value: row => row.what },
        { title: 'NAME', value: row => row.name },
        { title: 'FROM', value: row => row.from },
        { title: 'TO', value: row => row.to },
      ])
      if (rows.length === 0) return out.note(`the state of "${name}" is spread over ${partitions} tasks already`)
      if (!isConfirmed(options)) return out.note('this was a dry run, nothing was changed; add --execute to do it')
      const registry = new ConfluentRegistry({ url: readConfig().registryUrl })
      const { entries, records } = await grow(growth, { plan, manifest, broker, registry, nowMs: Date.now() })
      out.note(
        `the state of "${name}" is spread over ${partitions} tasks: ${counted(entries, 'state record')} and ${counted(records, 'waiting record')} moved; start its workers`,
      )
    })
  },
})
