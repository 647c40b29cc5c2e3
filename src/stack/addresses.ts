import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSecured, stackHome } from './home'

/** One TCP port each; `ws` is MQTT over WebSocket. */
export interface Ports {
  readonly kafka: number
  readonly 'kafka-2': number
  readonly 'kafka-3': number
  readonly registry: number
  readonly postgres: number
  readonly mqtt: number
  readonly ws: number
}
export type PortName = keyof Ports

export const usualPorts: Ports = {
  ...{ kafka: 9092, 'kafka-2': 9094, 'kafka-3': 9095 },
  ...{ registry: 8081, postgres: 5432, mqtt: 1883, ws: 9001 },
}

/** Each as the environment variable of the same meaning takes it. */
export interface StackAddresses {
  readonly kafkaBrokers: string
  readonly registryUrl: string
  readonly mqttUrl: string
  readonly mqttWsUrl: string
  readonly databaseUrl: string
}

/** Where a home's ports and processes are remembered. */
export const stateFile = (home: string): string => join(home, 'stack.json')

export const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536

/** The ports that a home's file remembers; those it doesn't are the usual ones. */
function rememberedPorts(home: string): Partial<Ports> {
  let state: Record<string, { port?: unknown; wsPort?: unknown } | undefined>
  try {
    state = Object(JSON.parse(readFileSync(stateFile(home), 'utf8')))
  } catch {
    return {}
  }
  // A secured registry is reached through what stands in front of it.
  const registry = state.gate ?? state.registry
  const given = {
    ...{ kafka: state.kafka?.port, 'kafka-2': state['kafka-2']?.port, 'kafka-3': state['kafka-3']?.port },
    ...{ registry: registry?.port, postgres: state.postgres?.port },
    ...{ mqtt: state.mqtt?.port, ws: state.mqtt?.wsPort },
  }
  return Object.fromEntries(Object.entries(given).filter(([, port]) => isPort(port)))
}

/**
 * Where the local stack is, or, as long as it was never started, would usually be: the defaults of the configuration. It is all that a
 * program needs to know of the stack that only uses it.
 */
export function stackAddresses(home?: string): StackAddresses {
  const folder = stackHome(home)
  const remembered = rememberedPorts(folder)
  const ports = { ...usualPorts, ...remembered }
  const brokers = [ports.kafka, remembered['kafka-2'], remembered['kafka-3']].filter(port => port !== undefined)
  if (isSecured(folder)) return securedAddresses(ports)
  return {
    kafkaBrokers: brokers.map(port => `127.0.0.1:${port}`).join(','),
    registryUrl: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    mqttWsUrl: `ws://127.0.0.1:${ports.ws}`,
    databaseUrl: `postgresql://postgres:postgres@127.0.0.1:${ports.postgres}/sensors_db`,
  }
}

/** Without what one signs in by: that is in the files that `stack up --secure` names. */
const securedAddresses = ({ kafka, registry, mqtt, ws, postgres }: Ports): StackAddresses => ({
  kafkaBrokers: `localhost:${kafka}`,
  registryUrl: `https://localhost:${registry}/apis/ccompat/v7`,
  mqttUrl: `mqtts://localhost:${mqtt}`,
  mqttWsUrl: `wss://localhost:${ws}`,
  databaseUrl: `postgresql://localhost:${postgres}/sensors_db?sslmode=verify-full`,
})
