import { TopologyError } from '../../errors'
import { isReserved, isTopicName } from '../../names'

/** Throws TopologyError for a topic that Kafka would refuse, at the latest when the first worker makes it. */
export function checkTopic(step: string, topic: string): void {
  if (!isTopicName(topic))
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
