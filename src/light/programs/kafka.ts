import { randomBytes } from 'node:crypto'
import { LightKafka } from '../light-kafka'
import { realClock } from '../world/real-clock'
import { tcp } from '../world/tcp'
import { run, say } from './program'

run(async (port, keeper) => {
  // Of a new folder: no client takes its cluster for one that it knew.
  const clusterId = randomBytes(16).toString('base64url')
  const kafka = await LightKafka.start({
    ...{ clock: realClock, network: tcp, ports: [port] },
    ...{ keeper: () => keeper, clusterId, onFault: say },
  })
  return `light Kafka on ${kafka.brokers.join(',')}`
})
