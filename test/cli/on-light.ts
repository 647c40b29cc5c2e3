import { LightRegistry } from '../../src/light/light-registry'
import { startLight } from '../light/light-stack'
import type { OwnKafka } from '../scenarios/kafka-stack'

let kafka: OwnKafka
let registry: LightRegistry
const named = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL'] as const
const before = named.map(name => process.env[name])

/** Imported for what commands do with a cluster and a registry: both are light ones, of this file's own. */
beforeAll(async () => {
  kafka = await startLight()
  registry = await LightRegistry.start()
  process.env.KAFKA_BROKERS = kafka.config.brokers.join(',')
  process.env.SCHEMA_REGISTRY_URL = registry.url
})

afterAll(async () => {
  for (const [i, name] of named.entries()) {
    if (before[i] === undefined) delete process.env[name]
    else process.env[name] = before[i]
  }
  await registry.close()
  await kafka.stop()
})
