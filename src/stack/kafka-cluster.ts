import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stackCommand } from './home'
import type { ServicePorts } from './service'
import { StackError } from './stack-error'
import { type BrokerName, brokerNames, processOf, type ServiceName, type StackState } from './state'

/** How many brokers a local Kafka may have: one, or as many as it takes to lose one of them. */
export type BrokerCount = 1 | 3

/** What a home's Kafka was made as; it stays so until its data is deleted. */
interface KafkaCluster {
  readonly id: string
  readonly brokers: BrokerCount
}

const fileOf = (home: string): string => join(home, 'kafka.json')

/** KRaft's cluster id: 16 random bytes as URL-safe base64, without a leading dash, which the tool would read as an option. */
const newId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'A')

/** Where a broker's data is. */
export const dataOf = (home: string, name: BrokerName): string => join(home, name)
/** The mark of a broker's data, written last: without it the folder is a format that was interrupted, and holds nothing yet. */
export const markOf = (home: string, name: BrokerName): string => join(dataOf(home, name), 'formatted')

/** What is kept of it; nothing where it isn't made yet, or by a version that knew of one broker only. */
function keptCluster(home: string): Partial<KafkaCluster> {
  try {
    return Object(JSON.parse(readFileSync(fileOf(home), 'utf8')))
  } catch {
    return {}
  }
}

/** How many brokers the Kafka of a home has; undefined where there is none yet. */
export function madeBrokers(home: string): BrokerCount | undefined {
  const { brokers } = keptCluster(home)
  if (brokers === 1 || brokers === 3) return brokers
  return existsSync(markOf(home, 'kafka')) ? 1 : undefined
}

/** The names of the services to start: a Kafka of three brokers has three. */
export const withBrokers = (names: readonly ServiceName[], brokers: BrokerCount): ServiceName[] =>
  names.flatMap<ServiceName>(name => (name === 'kafka' ? brokerNames.slice(0, brokers) : [name]))

/**
 * How many brokers a start gets: as many as wanted, else as many as there were.
 * @throws StackError where the data is of another number of brokers
 */
export function brokersFor(home: string, wanted: BrokerCount | undefined): BrokerCount {
  const made = madeBrokers(home)
  if (made !== undefined && wanted !== undefined && made !== wanted)
    throw new StackError(
      `the Kafka of ${home} was made with ${made === 1 ? 'one broker' : `${made} brokers`} and can't have ${wanted}: \`${stackCommand} reset\` deletes its data, or name another folder with WEIR_HOME`,
      { exitCode: 2 },
    )
  return wanted ?? made ?? 1
}

/** What the home's Kafka is, made now where it is new. All brokers of a start read it, before any of them formats its storage. */
export function clusterOf(home: string, brokers: BrokerCount): KafkaCluster {
  const { id } = keptCluster(home)
  if (typeof id === 'string') return { id, brokers }
  const cluster = { id: newId(), brokers }
  mkdirSync(home, { recursive: true })
  writeFileSync(fileOf(home), `${JSON.stringify(cluster)}\n`)
  return cluster
}

/** A broker's number in its cluster, from 1. */
export const nodeId = (name: BrokerName): number => brokerNames.indexOf(name) + 1

/** The quorum's voters, as KRaft's setting names them: every broker is a controller too. */
export const votersOf = (ports: ReadonlyMap<BrokerName, ServicePorts>): string =>
  [...ports].map(([name, { controllerPort }]) => `${nodeId(name)}@127.0.0.1:${controllerPort}`).join(',')

/** The ports of all brokers of a home, those that are being started by `chosen`. */
export function brokerPorts(
  state: StackState,
  chosen: ReadonlyMap<ServiceName, ServicePorts> = new Map(),
): Map<BrokerName, ServicePorts> {
  const known = brokerNames.map(name => [name, chosen.get(name) ?? state[name]] as const)
  return new Map(known.flatMap(([name, ports]) => (ports === undefined ? [] : [[name, ports]])))
}

/**
 * Refuses a controller port that the brokers which run don't know.
 * @throws StackError
 */
export function requireSameController(state: StackState, name: BrokerName, port: number): void {
  const known = state[name]?.controllerPort
  const others = brokerNames.filter(other => other !== name && processOf(state[other]) !== undefined)
  if (known === undefined || known === port || others.length === 0) return
  throw new StackError(
    `port ${known}, by which ${others.join(' and ')} know ${name}, is taken: stop what listens there, or all brokers by \`${stackCommand} down\``,
  )
}
