import type { TopicPartition } from '../../source'
import type { ActiveProducer } from '../protocol/describe-producers'
import type { Cluster } from '../wire/cluster'

type Place = TopicPartition & Pick<ActiveProducer, 'openSince'>

export const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

/** Whose transaction is open, where and since which offset. */
export const whatHangs = (at: TopicPartition, { producerId, epoch, openSince }: ActiveProducer) =>
  `a transaction of producer id ${producerId}, epoch ${epoch}, is open in ${nameOf(at)} since offset ${openSince}`

/** What shows transactions that hang, to whoever has the rights. */
export const howToFind = (cluster: Cluster, where: string) =>
  `whether it hangs in ${where} is shown by: ${tool(cluster)} find-hanging --broker-id ID`

/** What ends them, and when that is right. */
export function howToAbort(cluster: Cluster, places: readonly Place[]): string {
  const lines = places.map(
    ({ topic, partition, openSince }) =>
      `${tool(cluster)} abort --topic ${topic} --partition ${partition} --start-offset ${openSince}`,
  )
  const many = lines.length > 1 ? 'all of it hangs there' : 'it hangs there'
  const when = `Where ${many} and none of its results was committed elsewhere, abort it (docs/operations.md, "Offsets that hang")`
  return `${when}: ${lines.join(' && ')}`
}

const tool = ({ config }: Cluster) => `kafka-transactions.sh --bootstrap-server ${config.brokers.join(',')}`
