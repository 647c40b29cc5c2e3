import { type ClusterDescription, describeCluster } from '../../ops/describe-cluster'
import { CheckFailedError } from '../../ops/errors'
import { replicaSizes } from '../../ops/replica-sizes'
import { counted, type Output, size, table } from '../shared/output'
import { verb } from '../shared/verb'

export default verb<{ requireHealthy?: boolean }>({
  options: [{ flags: '--require-healthy', about: 'exit 5 when a partition has no leader or too few replicas in sync' }],
  about: `LEADS and REPLICAS count the partitions of a broker, OUT-OF-SYNC those of its replicas that lag, SIZE what all of them have on
its disks. The sums of the first line leave Kafka's own topics out.`,
  examples: [
    ['cluster', 'its brokers and its state'],
    ['cluster --require-healthy', 'for a script: exit 5 unless all replicas are in sync'],
    ["cluster -o json | jq -r '.brokers[].host'", 'where the brokers are'],
  ],
  async run({ cluster, options, out }) {
    const found = await describeCluster(cluster, await replicaSizes(cluster, null))
    out.thing(found, each => print(each, out))
    const faults = faultsOf(found)
    for (const fault of faults) out.note(fault)
    if (options.requireHealthy && faults.length > 0) throw new CheckFailedError('the cluster is not healthy')
  },
})

function print({ id, brokers, topics, partitions }: ClusterDescription, out: Output): void {
  const head = [counted(brokers.length, 'broker'), counted(topics, 'topic'), counted(partitions, 'partition')]
  out.line(`${out.paint(id, 'bold')}  ${head.join(', ')}`)
  out.line(
    table(
      brokers,
      [
        { title: 'BROKER', value: row => row.id },
        { title: 'ADDRESS', value: row => `${row.host}:${row.port}` },
        { title: 'CONTROLLER', value: row => (row.controller ? 'yes' : null) },
        { title: 'LEADS', value: row => row.leads },
        { title: 'REPLICAS', value: row => row.replicas },
        {
          title: 'OUT-OF-SYNC',
          value: row => row.outOfSync,
          colour: row => (row.outOfSync > 0 ? 'yellow' : undefined),
        },
        { title: 'SIZE', value: row => size(row.bytes) },
      ],
      (text, colour) => out.paint(text, colour),
    ),
  )
}

function faultsOf({ underReplicated, leaderless, brokers }: ClusterDescription): string[] {
  const faults: string[] = []
  if (leaderless > 0)
    faults.push(`${counted(leaderless, 'partition')} without a leader: nobody can read or write there`)
  if (underReplicated > 0) faults.push(`${counted(underReplicated, 'partition')} with replicas that are not in sync`)
  // Kafka's own topics, which the sums leave out.
  const lagging = brokers.filter(each => each.outOfSync > 0)
  if (faults.length === 0 && lagging.length > 0)
    faults.push(`replicas of Kafka's own topics are not in sync on broker ${lagging.map(({ id }) => id).join(', ')}`)
  return faults
}
