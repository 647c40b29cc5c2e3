import { accessSync, constants } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfluentRegistry } from '../../codecs/schema-registry'
import { type Config, howToStart } from '../../config'
import type { Broker } from '../../connectors/broker'
import type { Finding } from '../../connectors/finding'
import { LinkRefused } from '../../connectors/kafka'
import { inspectMqtt, mqttTargets } from '../../connectors/mqtt/mqtt-end'
import { inspectTables } from '../../connectors/postgres/inspect-tables'
import { postgresTargets } from '../../connectors/postgres/postgres-end'
import type { Topology } from '../../dsl/graph'
import { targetsOf } from '../../engine/plan/targets'
import { systemClock } from '../../engine/task/clock'
import { bindCodecs } from '../../engine/task/codec-book'
import { ConfigError, StreamError, UnavailableError, UnfitError } from '../../errors'
import { checkPackages } from '../needed-packages'
import type { Planned } from '../plan-for'
import { kafkaPart } from './kafka-part'
import { readingRegistry } from './reading-registry'
import { said } from './said'

export type Where = 'Kafka' | 'schema registry' | 'Postgres' | 'MQTT broker' | 'this machine'

/** One thing that is missing, or unlike what a topology needs. */
export interface Fault extends Finding {
  readonly where: Where
  /** The service doesn't answer, so that nothing of it was looked at: a start waits for it. */
  readonly isAway: boolean
  /** Worth mending, and no reason not to start. */
  readonly isMild: boolean
}

export interface Preflight {
  readonly faults: readonly Fault[]
  /** The plan on the topics that there are; undefined where a fault of Kafka or of this machine says why there is none. */
  readonly planned: Planned | undefined
}

export interface PreflightOptions {
  readonly config: Config
  readonly broker: Broker
  readonly acceptNewState?: boolean
  /** The topology's file, as `weir migrate` is told of it. */
  readonly file?: string
}

/** This machine's clock may be off by so much, ms: below that nothing is judged by it but who is first. */
const tolerableMs = 60_000
const mqttTimeoutMs = 5_000

/**
 * Looks at everything that a topology needs, of all services at once, and changes nothing: packages, brokers, sign-ins, rights, topics, partitions, state,
 * schemas, tables, columns, what the MQTT broker can do, the clock. Resolves with all that is missing or unlike, and the command that mends each.
 */
export async function preflight(topology: Topology, options: PreflightOptions): Promise<Preflight> {
  const machine = machineFindings(topology, options.config)
  // Without its package a service can't be asked.
  const lacksPackage = machine.some(({ isPackage }) => isPackage)
  const own = machine.map(({ what, mend }) => faultOf('this machine', { what, mend }))
  if (lacksPackage) return { faults: own, planned: undefined }
  const [kafka, ...ends] = await Promise.all([
    kafkaAndSchemas(topology, options),
    tables(topology, options),
    mqtt(topology, options),
  ])
  return { faults: [...own, ...kafka.faults, ...ends.flat()], planned: kafka.planned }
}

const faultOf = (where: Where, { what, mend }: Finding, { isAway = false, isMild = false } = {}): Fault => ({
  ...{ where, what, mend, isAway, isMild },
})

/** What a service says, or that it says nothing. */
async function asked(where: Where, ask: () => Promise<readonly Finding[]>): Promise<Fault[]> {
  try {
    return (await ask()).map(({ what, mend, passes = false }) => faultOf(where, { what, mend }, { isAway: passes }))
  } catch (error) {
    if (!(error instanceof StreamError)) throw error
    const { what, mend } = said(error)
    const isSettled =
      error instanceof UnfitError || error instanceof LinkRefused || !(error instanceof UnavailableError)
    const usual = isSettled ? '' : `${howToStart(error) ?? 'start it'}, or mend its address in the settings`
    return [faultOf(where, { what, mend: mend || usual }, { isAway: !isSettled })]
  }
}

async function kafkaAndSchemas(
  topology: Topology,
  { config, broker, acceptNewState = false }: PreflightOptions,
): Promise<Preflight> {
  let planned: Planned | undefined
  let ofSchemas: Promise<Fault[]> | undefined
  const askRegistry = (of: Topology) => asked('schema registry', () => schemas(of, config))
  const faults = await asked('Kafka', async () => {
    // The registry is asked as soon as it is known for what, beside the rest of Kafka's part.
    const part = await kafkaPart(topology, broker, config, acceptNewState, ({ plan }) => {
      ofSchemas = askRegistry(plan.topology)
      ofSchemas.catch(() => undefined)
    })
    planned = part.planned
    return part.findings
  })
  return { faults: [...faults, ...(await (ofSchemas ?? askRegistry(topology)))], planned }
}

async function schemas(topology: Topology, { registryUrl: url }: Config): Promise<Finding[]> {
  const findings: Finding[] = []
  const registry = readingRegistry(new ConfluentRegistry({ url }))
  await bindCodecs(topology, registry, { onFault: error => findings.push(said(error)) })
  return findings
}

function tables(topology: Topology, { config, file = '<file>' }: PreflightOptions): Promise<Fault[]> {
  const targets = postgresTargets(targetsOf(topology))
  if (targets.length === 0) return Promise.resolve([])
  const clock: Finding[] = []
  const found = asked('Postgres', async () => {
    const migrate = `npx weir migrate ${file}`
    const { findings, aheadMs } = await inspectTables(config.databaseUrl, targets, migrate, systemClock.now)
    if (Math.abs(aheadMs) > tolerableMs) clock.push(clockFinding(aheadMs))
    return findings
  })
  return found.then(faults => [...faults, ...clock.map(finding => faultOf('this machine', finding, { isMild: true }))])
}

function clockFinding(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  const behind = aheadMs > 0 ? 'behind' : 'ahead of'
  return { what: `the clock is ${seconds} s ${behind} Postgres's`, mend: 'timedatectl set-ntp true' }
}

function mqtt(topology: Topology, { config }: PreflightOptions): Promise<Fault[]> {
  const targets = mqttTargets(targetsOf(topology))
  if (targets.length === 0) return Promise.resolve([])
  return asked('MQTT broker', () => inspectMqtt(config.mqttUrl, targets, mqttTimeoutMs))
}

function machineFindings(topology: Topology, { stateDir }: Config): (Finding & { readonly isPackage: boolean })[] {
  const found: (Finding & { readonly isPackage: boolean })[] = []
  try {
    checkPackages(topology)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    found.push({ ...said(error), isPackage: true })
  }
  if (topology.stores.some(({ location }) => location === 'disk') && !isWritable(stateDir))
    found.push({
      what: `${stateDir}, where stores are kept on disk, can't be written`,
      mend: 'make it writable, or name another folder in STATE_DIR',
      isPackage: false,
    })
  return found
}

/** A folder that isn't there yet is made by the first store: the nearest one above has to be writable. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch (error) {
    const parent = dirname(resolve(folder))
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== resolve(folder) && isWritable(parent)
  }
}
