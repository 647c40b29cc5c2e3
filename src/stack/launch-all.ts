import { type PortName, type Ports, usualPorts } from './addresses'
import { isUnwritable, requireSpace } from './disk-fault'
import { isSecured, stackCommand } from './home'
import { broker } from './kafka'
import { brokerPorts, requireSameController } from './kafka-cluster'
import { lightKafka, lightRegistry } from './light'
import { mqtt, mqttKind } from './mqtt'
import { choosePort } from './ports'
import { postgres } from './postgres/postgres'
import { type Kept, type ProcessId, terminate } from './processes'
import { registry } from './registry'
import { securedServices } from './secure/services'
import type { Service, ServicePorts } from './service'
import { StackError } from './stack-error'
import {
  allServices,
  type BrokerName,
  isBroker,
  processOf,
  readState,
  type ServiceName,
  type StackState,
  writeState,
} from './state'
import { awaitReady, startService } from './supervise'

const services: Record<Exclude<ServiceName, 'gate'>, Service> = {
  ...{ kafka: broker('kafka'), 'kafka-2': broker('kafka-2'), 'kafka-3': broker('kafka-3') },
  ...{ registry, postgres, mqtt },
}

/** On Node alone. */
const lightServices: Partial<Record<ServiceName, Service>> = { kafka: lightKafka, registry: lightRegistry }

/** A service of a home as it is to be started and asked: a light one where that is wanted and there is one. */
export function serviceOf(home: string, name: ServiceName, light = false): Service {
  const secured = isSecured(home) ? securedServices(home)[name] : undefined
  const known = secured ?? (light ? lightServices[name] : undefined) ?? (name === 'gate' ? undefined : services[name])
  if (known === undefined)
    throw new StackError(`${name} is part of a secured stack alone: \`${stackCommand} up --secure\``)
  return known
}

/** One start of services in a home. */
export interface Run {
  readonly home: string
  /** Whether Kafka and the registry are the light ones. */
  readonly light: boolean
  /** The caller's; a port left out is the usual one, 0 any. */
  readonly fixed: Partial<Ports>
  readonly signal: AbortSignal
  readonly progress: (name: ServiceName) => (line: string) => void
  /** Programs that this process has started. */
  readonly owned: Map<ServiceName, Kept>
}

/** Notes a service's ports and process. Read, changed and written in one go, so that services starting at once keep each other's. */
function remember({ home, light }: Run, name: ServiceName, ports: ServicePorts, { pid, born }: ProcessId): void {
  const state = readState(home)
  if (name === 'mqtt')
    state.mqtt = { port: ports.port, wsPort: ports.wsPort ?? usualPorts.ws, kind: mqttKind(), pid, born }
  else state[name] = { ...ports, pid, born, ...(light && name in lightServices && { light }) }
  writeState(home, state)
}

/**
 * Keeps a stopped service's ports for the next start. On a full disk nothing is written: the process is known to be gone by its pid and
 * its time of birth all the same.
 */
export function forgetProcess(home: string, name: ServiceName): void {
  const state = readState(home)
  const { pid: _pid, born: _born, ...ports } = state[name] ?? {}
  if (!('port' in ports)) return
  try {
    writeState(home, { ...state, [name]: ports })
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
}

const allOf = ({
  port = 0,
  wsPort = 0,
  controllerPort = 0,
  saslPort = 0,
  tokenPort = 0,
}: Partial<ServicePorts> = {}) => [...[port, wsPort, controllerPort], ...[saslPort, tokenPort]]

/** Chooses the ports of all services to start before any of them starts, so that none gets another's. */
async function choosePorts(
  run: Run,
  names: readonly ServiceName[],
  state: StackState,
): Promise<Map<ServiceName, ServicePorts>> {
  const running = allServices.filter(name => processOf(state[name]) !== undefined)
  const taken = new Set(running.flatMap(name => allOf(state[name])))
  const choose = async (service: ServiceName, name: PortName, remembered: number | undefined): Promise<number> => {
    // Whoever wants any port for the first broker wants so for the others.
    const fixed = run.fixed[name] ?? (isBroker(service) && run.fixed.kafka === 0 ? 0 : undefined)
    const port = await choosePort({ name, fixed, remembered, repair: running.length > 0 }, taken)
    taken.add(port)
    if (fixed === undefined && port !== usualPorts[name])
      run.progress(service)(`port ${port} instead of ${usualPorts[name]}, which is taken`)
    return port
  }
  const chosen = new Map<ServiceName, ServicePorts>()
  for (const name of names) {
    if (name === 'gate') {
      const { port, tokenPort } = state.gate ?? {}
      chosen.set(name, { port: await anyPort(port, taken), tokenPort: await anyPort(tokenPort, taken) })
      continue
    }
    const port = await choose(name, name, state[name]?.port)
    if (name === 'mqtt') chosen.set(name, { port, wsPort: await choose(name, 'ws', state.mqtt?.wsPort) })
    else if (isBroker(name)) chosen.set(name, { port, ...(await brokersOwn(run.home, state, name, taken)) })
    else chosen.set(name, { port })
  }
  return chosen
}

/** A port that nobody has to know beforehand: the former one where it is free. */
async function anyPort(remembered: number | undefined, taken: Set<number>): Promise<number> {
  // Without a usual port the name says nothing.
  const port = await choosePort({ name: 'kafka', fixed: 0, remembered, repair: true }, taken)
  taken.add(port)
  return port
}

/** A broker's port for the others, and the one for passwords and tokens. */
async function brokersOwn(home: string, state: StackState, name: BrokerName, taken: Set<number>) {
  const controllerPort = await anyPort(state[name]?.controllerPort, taken)
  requireSameController(state, name, controllerPort)
  return isSecured(home)
    ? { controllerPort, saslPort: await anyPort(state[name]?.saslPort, taken) }
    : { controllerPort }
}

/** Starts one service on given ports; from then on this process owns it. */
export async function launch(
  run: Run,
  name: ServiceName,
  ports: ServicePorts,
  signal: AbortSignal,
  started: ReadonlyMap<ServiceName, ServicePorts> = new Map(),
): Promise<void> {
  const { home } = run
  const brokers = brokerPorts(readState(home), started)
  const context = { home, brokers, signal, progress: run.progress(name) }
  try {
    const kept = await startService(serviceOf(home, name, run.light), ports, context, id =>
      remember(run, name, ports, id),
    )
    run.owned.set(name, kept)
  } catch (error) {
    forgetProcess(home, name)
    throw error
  }
}

/** Waits for a service that another start left running; a port fixed otherwise is a contradiction. */
async function adopt(
  run: Run,
  name: ServiceName,
  state: StackState,
  id: ProcessId,
  signal: AbortSignal,
): Promise<void> {
  const ports = state[name]
  if (ports === undefined) return
  const fixed = (name !== 'gate' && run.fixed[name]) || ports.port
  if (fixed !== ports.port)
    throw new StackError(`${name} runs on port ${ports.port}, not on ${fixed}: \`${stackCommand} down\` first`)
  const isLight = state[name]?.light === true
  if (name in lightServices && run.light !== isLight)
    throw new StackError(
      `${name} runs already, ${isLight ? 'the light one' : 'as a program of its own'}: \`${stackCommand} down\` first`,
    )
  const service = serviceOf(run.home, name)
  await awaitReady(service, ports, id, { home: run.home, signal })
  run.progress(name)(`runs already, on port ${ports.port} (pid ${id.pid})`)
  const outdated = service.outdated?.(run.home)
  if (outdated !== undefined) run.progress(name)(outdated)
}

/** Stops what this process has started, in order. */
export async function stopOwned(run: Run): Promise<void> {
  const stopping = [...run.owned].map(async ([name, kept]) => {
    await terminate(kept.id, serviceOf(run.home, name).stopSignal)
    kept.ref()
    await kept.exited
    run.owned.delete(name)
    forgetProcess(run.home, name)
  })
  await Promise.all(stopping)
}

/** Brings the named services up at once. When one fails, or the run is interrupted, those started here are stopped again. */
export async function launchAll(run: Run, names: readonly ServiceName[]): Promise<void> {
  const state = readState(run.home)
  const running = new Map(names.flatMap(name => [[name, processOf(state[name])] as const]))
  const missing = names.filter(name => running.get(name) === undefined)
  for (const name of missing) await serviceOf(run.home, name, run.light).require?.()
  if (missing.length > 0) requireSpace(run.home)
  const chosen = await choosePorts(run, missing, state)
  const failure = new AbortController()
  const signal = AbortSignal.any([run.signal, failure.signal])
  const starts = names.map(async name => {
    const [id, ports] = [running.get(name), chosen.get(name)]
    try {
      if (id !== undefined) await adopt(run, name, state, id, signal)
      else if (ports !== undefined) await launch(run, name, ports, signal, chosen)
    } catch (error) {
      failure.abort(error)
      throw error
    }
  })
  const results = await Promise.allSettled(starts)
  if (results.every(result => result.status === 'fulfilled')) return
  await stopOwned(run)
  // The first failure's reason: the other services have only been interrupted by it.
  throw run.signal.aborted ? run.signal.reason : failure.signal.reason
}
