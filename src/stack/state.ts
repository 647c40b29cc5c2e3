import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isPort, stateFile } from './addresses'
import { asProcessId, isAlive, type ProcessId } from './processes'

/** The brokers of a Kafka: the first alone, or all three. */
export const brokerNames = ['kafka', 'kafka-2', 'kafka-3'] as const
export type BrokerName = (typeof brokerNames)[number]

/** What a person calls the services; `kafka` is all of its brokers. */
export const serviceNames = ['kafka', 'registry', 'postgres', 'mqtt'] as const
/** `gate`: what a secured stack has in front of its registry. */
export type ServiceName = (typeof serviceNames)[number] | BrokerName | 'gate'
/** Every service that a home may have. */
export const allServices: readonly ServiceName[] = [...brokerNames, 'registry', 'gate', 'postgres', 'mqtt']

/** What `stack.json` remembers of one service: its port always, its process while it should run. */
export interface ServiceState {
  readonly port: number
  readonly pid?: number
  /** Start time of that process, which tells it from a later one with the same pid. */
  readonly born?: string
  /** Kafka and the registry: the light ones, on Node alone. */
  readonly light?: boolean
}
export interface MqttState extends ServiceState {
  readonly wsPort: number
  readonly kind?: 'mosquitto' | 'aedes'
}
export interface BrokerState extends ServiceState {
  /** Where the other brokers reach it as a controller. */
  readonly controllerPort?: number
  readonly saslPort?: number
}
export interface GateState extends ServiceState {
  readonly tokenPort?: number
}
export interface StackState extends Partial<Record<BrokerName, BrokerState>> {
  registry?: ServiceState
  gate?: GateState
  postgres?: ServiceState
  mqtt?: MqttState
}

/** A service's part of the file; undefined unless all of it is as it was written. */
function serviceState(value: unknown): ServiceState | undefined {
  if (typeof value !== 'object' || value === null || !('port' in value) || !isPort(value.port)) return undefined
  const isLight = 'light' in value && value.light === true
  const known = { port: value.port, ...(isLight && { light: true }) }
  if (!('pid' in value)) return known
  const id = asProcessId(value)
  return id && { ...known, ...id }
}

/** Whether a service is one of Kafka's brokers. */
export const isBroker = (name: ServiceName): name is BrokerName => brokerNames.some(broker => broker === name)

function mqttState(value: unknown): MqttState | undefined {
  const state = serviceState(value)
  if (state === undefined || typeof value !== 'object' || value === null) return undefined
  if (!('wsPort' in value) || !isPort(value.wsPort)) return undefined
  const { wsPort } = value
  const kind = (['mosquitto', 'aedes'] as const).find(known => 'kind' in value && value.kind === known)
  return { ...state, wsPort, ...(kind && { kind }) }
}

function brokerState(value: unknown): BrokerState | undefined {
  const state = serviceState(value)
  const { controllerPort, saslPort } = Object(value)
  return state && { ...state, ...(isPort(controllerPort) && { controllerPort }), ...(isPort(saslPort) && { saslPort }) }
}

function gateState(value: unknown): GateState | undefined {
  const state = serviceState(value)
  const { tokenPort } = Object(value)
  return state && isPort(tokenPort) ? { ...state, tokenPort } : state
}

function partOf(name: ServiceName, value: unknown): ServiceState | undefined {
  if (name === 'mqtt') return mqttState(value)
  if (name === 'gate') return gateState(value)
  return isBroker(name) ? brokerState(value) : serviceState(value)
}

/** The file's content: undefined where there is none, `damaged` where it isn't what was written. */
function load(home: string): StackState | 'damaged' | undefined {
  if (!existsSync(stateFile(home))) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(stateFile(home), 'utf8'))
    if (typeof value !== 'object' || value === null) return 'damaged'
    const state: StackState = {}
    for (const [name, part] of Object.entries(value)) {
      const known = allServices.find(service => service === name)
      if (known === undefined) continue
      const read = partOf(known, part)
      if (read === undefined) return 'damaged'
      Object.assign(state, { [known]: read })
    }
    return state
  } catch {
    return 'damaged'
  }
}

/** The remembered state; empty when there is none, or when it can't be read: a start then begins anew. */
export function readState(home: string): StackState {
  const state = load(home)
  return state === undefined || state === 'damaged' ? {} : state
}

/** What to say of a file that can't be read; undefined where it can. */
export function damagedState(home: string): string | undefined {
  if (load(home) !== 'damaged') return undefined
  return `${stateFile(home)} is damaged: services that it named are forgotten; if some still run, \`ps\` shows them with ${home} in their command lines`
}

/** Written beside and renamed, so that no reader ever sees half of it. */
export function writeState(home: string, state: StackState): void {
  mkdirSync(home, { recursive: true })
  const part = `${stateFile(home)}.${process.pid}`
  try {
    writeFileSync(part, `${JSON.stringify(state, null, 2)}\n`)
    renameSync(part, stateFile(home))
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** The process of a remembered service while it lives. */
export function processOf(state: ServiceState | undefined): ProcessId | undefined {
  if (state?.pid === undefined || state.born === undefined) return undefined
  const id = { pid: state.pid, born: state.born }
  return isAlive(id) ? id : undefined
}
