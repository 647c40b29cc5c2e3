import { postgresTargetsOf } from '../../../app/app'
import { readConfig } from '../../../config'
import { forgetPositions } from '../../../connectors/postgres/forget-positions'
import { ownedTopics } from '../../../engine/plan/owned-topics'
import { homed } from '../../../engine/plan/passes/homed'
import { planOf } from '../../../engine/plan/plan'
import { UsageError } from '../../../ops/errors'
import type { ResetTarget } from '../../../ops/reset-group'
import { executeTopologyReset, planTopologyReset } from '../../../ops/reset-topology'
import { parseWhere } from '../../../ops/where'
import { CONFIRM, type Confirmed, isConfirmed } from '../../shared/confirm'
import { keptManifest } from '../../shared/engine-broker'
import { TOPOLOGY_ARGUMENT, topologyOf } from '../../shared/load-topology'
import { counted } from '../../shared/output'
import { verb } from '../../shared/verb'

interface Options extends Confirmed {
  readonly to?: string
}

export default verb<Options>({
  arguments: [TOPOLOGY_ARGUMENT],
  options: [
    { flags: '--to <where>', about: 'begin there instead of at the start: latest, or @time', completes: ['latest'] },
    ...CONFIRM,
  ],
  about: `Puts a topology back to its start: forgets its offsets, deletes its changelogs, repartition topics and outboxes, and
forgets its positions in Postgres. What it has written (rows, retained messages, records of its own topics) stays, and is written
again. Without --execute it only shows what it would do. Refused (4) while a worker runs.`,
  examples: [
    ['topology reset', 'shows what would be taken away'],
    ['topology reset --execute', 'it reads everything again'],
    ['topology reset --to @2026-11-22T15:00:00Z --execute', 'from a time on'],
  ],
  async run({ args, options, cluster, kafka, out }) {
    const topology = await topologyOf(args[0])
    const target = targetOf(options.to)
    const { grown, topics: former } = await keptManifest(topology.name, kafka)
    const topologyPlan = planOf(homed(topology, grown))
    const { subTopologies } = topologyPlan
    const plan = await planTopologyReset(cluster, topology.name, topics => ownedTopics(topologyPlan, topics, former))
    const rows = [
      { what: 'offsets', name: topology.name, count: plan.offsets },
      ...plan.topics.map(name => ({ what: 'topic', name, count: 1 })),
    ]
    out.rows(rows, [
      { title: 'WHAT', value: row => row.what },
      { title: 'NAME', value: row => row.name },
      { title: 'COUNT', value: row => row.count },
    ])
    if (!isConfirmed(options)) return out.note('this was a dry run, nothing was changed; add --execute to do it')
    const sources = subTopologies.flatMap(part =>
      part.sources.filter(({ spec }) => spec.owner === 'author').map(({ spec }) => spec.topic),
    )
    await executeTopologyReset(cluster, plan, sources, target)
    const hasRows = postgresTargetsOf(topology).length > 0
    const forgotten = hasRows
      ? await forgetPositions(readConfig().databaseUrl, topology.name, await cluster.clusterId())
      : 0
    out.note(
      `"${topology.name}" begins anew: ${counted(plan.topics.length, 'topic')} deleted, ${counted(forgotten, 'position')} in Postgres forgotten`,
    )
  },
})

function targetOf(to: string | undefined): ResetTarget | undefined {
  if (to === undefined || to === 'earliest') return undefined
  const where = parseWhere(to, Date.now())
  if (where === 'latest' || (typeof where === 'object' && 'timeMs' in where)) return where as ResetTarget
  throw new UsageError(`--to ${to}: a topology begins at the start, at latest or at a time: @2026-11-22T15:00:00Z`)
}
