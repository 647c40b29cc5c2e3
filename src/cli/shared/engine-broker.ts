import type { Broker } from '../../connectors/broker'
import { createBroker } from '../../connectors/kafka/kafka-broker'
import { type Manifest, readManifest } from '../../engine/plan/state-manifest'
import type { Call } from './verb'

/** Lends the broker that the engine would use for an application, for as long as `use` takes. */
export async function withBroker<T>(
  application: string,
  kafka: Call['kafka'],
  use: (broker: Broker) => Promise<T>,
): Promise<T> {
  const broker = createBroker({
    ...kafka,
    ...{ application, guarantee: 'at_least_once', sessionTimeoutMs: 10_000 },
  })
  try {
    return await use(broker)
  } finally {
    await broker.close()
  }
}

/** What an application has kept of its state: the topics that weir made for the versions of it that have run so far, among others. */
export function keptManifest(application: string, kafka: Call['kafka']): Promise<Manifest> {
  return withBroker(application, kafka, broker => readManifest(application, broker))
}
