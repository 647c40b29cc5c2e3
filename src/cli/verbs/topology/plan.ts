import { postgresTargetsOf } from '../../../app/app'
import { readConfig } from '../../../config'
import { planTables } from '../../../connectors/postgres/plan-tables'
import { homed } from '../../../engine/plan/passes/homed'
import { planOf } from '../../../engine/plan/plan'
import { planAgainst } from '../../../engine/plan/topology-plan'
import { keptManifest } from '../../shared/engine-broker'
import { TOPOLOGY_ARGUMENT, topologyOf } from '../../shared/load-topology'
import { verb } from '../../shared/verb'

interface Row {
  readonly what: 'topic' | 'changelog' | 'table'
  readonly name: string
  /** Null for a table. */
  readonly partitions: number | null
  readonly action: keyof typeof means
  /** What `weir migrate` would do with a table. */
  readonly changes?: readonly string[]
}

const means = {
  read: 'is read',
  keep: 'is there, and used',
  create: 'is missing, and will be made',
  change: 'is there, and will be changed',
  leave: 'holds state that nothing uses any more',
}

export default verb({
  arguments: [TOPOLOGY_ARGUMENT],
  about: `Says which topics, changelogs and Postgres tables a start of the topology would create, keep or leave behind, against what the
cluster and the database have now. Tables are made by \`weir migrate\`. Changes nothing.`,
  examples: [
    ['topology plan', 'what the topology of this folder needs and what is there'],
    ['topology plan sensors -o json | jq \'.[] | select(.action == "create").name\'', 'what would be new'],
  ],
  async run({ args, cluster, kafka, out }) {
    const topology = await topologyOf(args[0])
    const existing = new Map((await cluster.allTopics()).map(({ topic, partitions }) => [topic, partitions.length]))
    const { grown, topics: former } = await keptManifest(topology.name, kafka)
    const topics = await planAgainst(planOf(homed(topology, grown)), existing, former)
    const { databaseUrl } = readConfig()
    const rows = topics.map(
      ({ topic: name, isChangelog, ...rest }): Row => ({ what: isChangelog ? 'changelog' : 'topic', name, ...rest }),
    )
    let failure: unknown
    try {
      for (const { table: name, ...rest } of await planTables(databaseUrl, postgresTargetsOf(topology)))
        rows.push({ what: 'table', name, partitions: null, ...rest })
    } catch (error) {
      failure = error
    }
    out.rows(rows, [
      { title: 'WHAT', value: row => row.what },
      { title: 'NAME', value: row => row.name },
      { title: 'PARTITIONS', value: row => row.partitions },
      { title: 'ACTION', value: row => row.action },
      { title: 'MEANS', value: row => (row.action === 'change' && row.changes?.join('; ')) || means[row.action] },
    ])
    // What is known of the topics is worth showing without the database.
    if (failure !== undefined) throw failure
  },
})
