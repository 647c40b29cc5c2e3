import { TopologyError } from '../../errors'
import { isReserved } from '../../names'

/** What Kafka takes as a topic's name: `org.apache.kafka.common.internals.Topic`. */
const legalName = /^[A-Za-z0-9._-]{1,249}$/

/** Throws TopologyError for a topic that Kafka would refuse, at the latest when the first worker makes it. */
export function checkTopic(step: string, topic: string): void {
  if (!legalName.test(topic) || topic === '.' || topic === '..')
    throw new TopologyError(
      `step "${step}": Kafka takes no topic "${topic}"; use up to 249 letters, digits, '.', '_' and '-', in the names of stateful steps too: they become topics`,
    )
}

/** Throws TopologyError for an author's topic under a name that weir makes topics of this application under. */
export function checkOwner(application: string, step: string, topic: unknown): void {
  if (typeof topic === 'string' && isReserved(application, topic))
    throw new TopologyError(
      `step "${step}": topics named like "${topic}" are made by weir for the state of "${application}", and emptied or deleted with it; give yours another name`,
    )
}
