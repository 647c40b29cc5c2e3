import { registry } from '../registry'
import type { Service } from '../service'
import type { ServiceName } from '../state'
import { gate } from './gate'
import { securedKafka } from './kafka'
import { securedMqtt } from './mqtt'
import { securedPostgres } from './postgres'

/** The services of a home that has certificates. The registry is reached through the gate. */
export const securedServices = (home: string): Partial<Record<ServiceName, Service>> => ({
  ...{ kafka: securedKafka(home), registry, gate: gate(home) },
  ...{ postgres: securedPostgres(home), mqtt: securedMqtt(home) },
})

/** The services to start: one broker, and the gate where Kafka or the registry need it. */
export const withGate = (names: readonly ServiceName[]): ServiceName[] =>
  names.some(name => name === 'kafka' || name === 'registry') && !names.includes('gate')
    ? [...names, 'gate']
    : [...names]
