import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stackHome } from './home'
import { usualPorts } from './ports'
import { isAlive, type ProcessId } from './processes'

export const serviceNames = ['kafka', 'registry', 'postgres', 'mqtt'] as const
export type ServiceName = (typeof serviceNames)[number]

/** What `stack.json` remembers of one service: its port always, its process while it should run. */
export interface ServiceState {
  readonly port: number
  readonly pid?: number
  /** Start time of that process, which tells it from a later one with the same pid. */
  readonly born?: string
}
export interface MqttState extends ServiceState {
  readonly wsPort: number
  readonly kind?: 'mosquitto' | 'aedes'
}
export interface StackState {
  kafka?: ServiceState
  registry?: ServiceState
  postgres?: ServiceState
  mqtt?: MqttState
}

/** Each as the environment variable of the same meaning takes it. */
export interface StackAddresses {
  readonly kafkaBrokers: string
  readonly registryUrl: string
  readonly mqttUrl: string
  readonly mqttWsUrl: string
  readonly databaseUrl: string
}

const fileOf = (home: string): string => join(home, 'stack.json')

/** The remembered state; empty when there is none, or when it can't be read: a start then begins anew. */
export function readState(home: string): StackState {
  try {
    const value: unknown = JSON.parse(readFileSync(fileOf(home), 'utf8'))
    return typeof value === 'object' && value !== null ? (value as StackState) : {}
  } catch {
    return {}
  }
}

/** Written beside and renamed, so that no reader ever sees half of it. */
export function writeState(home: string, state: StackState): void {
  mkdirSync(home, { recursive: true })
  const part = `${fileOf(home)}.${process.pid}`
  writeFileSync(part, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(part, fileOf(home))
}

/** The process of a remembered service while it lives. */
export function processOf(state: ServiceState | undefined): ProcessId | undefined {
  if (state?.pid === undefined || state.born === undefined) return undefined
  const id = { pid: state.pid, born: state.born }
  return isAlive(id) ? id : undefined
}

export function addressesOf(state: StackState): StackAddresses {
  const { kafka, registry, postgres, mqtt } = state
  return {
    kafkaBrokers: `127.0.0.1:${kafka?.port ?? usualPorts.kafka}`,
    registryUrl: `http://127.0.0.1:${registry?.port ?? usualPorts.registry}/apis/ccompat/v7`,
    mqttUrl: `mqtt://127.0.0.1:${mqtt?.port ?? usualPorts.mqtt}`,
    mqttWsUrl: `ws://127.0.0.1:${mqtt?.wsPort ?? usualPorts.ws}`,
    databaseUrl: `postgresql://postgres:postgres@127.0.0.1:${postgres?.port ?? usualPorts.postgres}/sensors_db`,
  }
}

/** Where the local stack is, or, as long as it was never started, would usually be: the defaults of the configuration. */
export const stackAddresses = (home?: string): StackAddresses => addressesOf(readState(stackHome(home)))
