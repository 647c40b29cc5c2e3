import { join, resolve } from 'node:path'
import type { KafkaConfig } from '../../src/connectors/kafka'
import { resetStack, type Stack, type StackAddresses, startStack } from '../../src/stack/stack'
import { readState, type ServiceName } from '../../src/stack/state'
import { type Processes, treeCpu } from './proc'

export const repository = resolve(__dirname, '../..')
/** Everything that the bench keeps: data of its services, logs of its contestants, builds of the peers. */
export const home = resolve(process.env.WEIR_HOME || join(repository, '.weir', 'bench'))

/** The services of one bench, its own and fresh. */
export interface Services {
  readonly stack: Stack
  readonly addresses: StackAddresses
  readonly kafka: KafkaConfig
  /** The configuration of a topology on these services, everything else left at its shipped default. */
  readonly environment: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/** Kafka, the registry, Postgres and the MQTT broker on free ports, empty; they end with this process. */
export async function startServices(): Promise<Services> {
  const say = (line: string) => process.stderr.write(`bench: ${line}\n`)
  await resetStack(home)
  const ports = process.env.WEIR_STACK_PORTS ? undefined : { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
  const stack = await startStack({ home, attached: true, onProgress: say, ...(ports && { ports }) })
  const { addresses } = stack
  return {
    stack,
    addresses,
    kafka: { brokers: addresses.kafkaBrokers.split(','), clientId: 'bench' },
    environment: {
      KAFKA_BROKERS: addresses.kafkaBrokers,
      SCHEMA_REGISTRY_URL: addresses.registryUrl,
      MQTT_URL: addresses.mqttUrl,
      DATABASE_URL: addresses.databaseUrl,
    },
    stop: () => stack.stop(),
  }
}

export type ServiceCpu = Readonly<Record<'kafka' | 'postgres' | 'mqtt', number>>

/** Seconds of CPU that each service has used so far, Postgres with all its backends. */
export function servicesCpu(all: Processes): ServiceCpu {
  const state = readState(home)
  const of = (name: ServiceName) => treeCpu(state[name]?.pid ?? -1, all)
  return { kafka: of('kafka'), postgres: of('postgres'), mqtt: of('mqtt') }
}
