import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Ports, type StackAddresses, stackAddresses } from './addresses'
import { inWords } from './disk-fault'
import { isSecured, stackHome } from './home'
import { type BrokerCount, brokersFor, withBrokers } from './kafka-cluster'
import { forgetProcess, launch, launchAll, type Run, serviceOf, stopOwned } from './launch-all'
import { lock } from './lock'
import { parsePorts } from './ports'
import { removeShelter } from './postgres/postgres-home'
import { terminate } from './processes'
import { makeSecured } from './secure/folder'
import { withGate } from './secure/services'
import { StackError, StartAborted } from './stack-error'
import { allServices, damagedState, processOf, readState, type ServiceName, serviceNames } from './state'

export { type StackAddresses, stackAddresses } from './addresses'
export type { BrokerCount } from './kafka-cluster'
export { type ServiceName, serviceNames } from './state'

export interface StackOptions {
  /** Folder of data, logs and `stack.json`; else `WEIR_HOME`, else `.weir` in the checkout. */
  readonly home?: string | undefined
  /** 0 is any free port; else `WEIR_STACK_PORTS`, else the usual ports, or free ones where these are taken. */
  readonly ports?: Partial<Ports> | undefined
  /** Whether the services end with this process, however it ends; else they run on until `stop` or `stopStack`. */
  readonly attached?: boolean | undefined
  /** Kafka and the registry on Node alone: in one copy, which is forced to no disk, and up at once. */
  readonly light?: boolean | undefined
  /** By TLS, with certificates, passwords and tokens of the stack's own; a home that was begun so stays so. One broker. */
  readonly secure?: boolean | undefined
  /** The ones to start; all four by default. */
  readonly services?: readonly ServiceName[] | undefined
  /** How many brokers Kafka has; else as many as it has already, and one where it is new. */
  readonly brokers?: BrokerCount | undefined
  /** One line for the user, as `kafka: ready after 4.2 s`. */
  readonly onProgress?: ((line: string) => void) | undefined
  /** Ends the start early; what it has started is stopped. */
  readonly signal?: AbortSignal | undefined
}

export interface How {
  /** SIGKILL for a crash; by default the service's own signal to end in order. */
  readonly signal?: NodeJS.Signals
}

export interface Stack {
  readonly addresses: StackAddresses
  /** Stops what this process has started, in order; services found running stay. */
  stop(): Promise<void>
  /** Stops one service and resolves when its process is gone. */
  stopService(name: ServiceName, how?: How): Promise<void>
  /** Starts a stopped service on its former port and resolves when it answers. */
  startService(name: ServiceName): Promise<void>
  restart(name: ServiceName, how?: How): Promise<void>
}

const lockOf = (home: string): string => join(home, 'lock')

interface Change {
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
  /** Whether it only ends services, which must work on a full disk too. */
  readonly ends: boolean
}

/** Runs a change of the home's services while no other process makes one. Faults of the disk become StackErrors here. */
async function exclusively<T>(home: string, how: Change, change: () => Promise<T>): Promise<T> {
  const { signal, progress, ends } = how
  try {
    const onWait = (pid: number) => progress(`waiting for process ${pid}, which starts or stops services`)
    const unlock = await lock(lockOf(home), { signal, onWait, evenUnwritable: ends })
    const damaged = damagedState(home)
    if (damaged !== undefined) progress(damaged)
    try {
      return await change()
    } finally {
      unlock()
    }
  } catch (error) {
    throw inWords(error, home)
  }
}

async function stopOne(home: string, name: ServiceName, how: How = {}): Promise<void> {
  const id = processOf(readState(home)[name])
  if (id !== undefined) await terminate(id, how.signal ?? serviceOf(home, name).stopSignal)
  forgetProcess(home, name)
}

function handle(run: Run, attached: boolean): Stack {
  const { home } = run
  const stopService = async (name: ServiceName, how?: How): Promise<void> => {
    await stopOne(home, name, how)
    const kept = run.owned.get(name)
    kept?.ref()
    await kept?.exited
    run.owned.delete(name)
  }
  const startService = async (name: ServiceName): Promise<void> => {
    const known = readState(home)[name]
    if (known === undefined) throw new StackError(`${name} was never part of this stack`)
    if (processOf(known) !== undefined) return
    await launch({ ...run, light: known.light === true }, name, known, new AbortController().signal)
    await settle(run, attached)
  }
  const restart = async (name: ServiceName, how?: How): Promise<void> => {
    await stopService(name, how)
    await startService(name)
  }
  return { addresses: stackAddresses(home), stop: () => stopOwned(run), stopService, startService, restart }
}

/** Attached programs must not keep this process from ending; the others are let go. */
async function settle(run: Run, attached: boolean): Promise<void> {
  for (const kept of run.owned.values()) {
    if (attached) kept.unref()
    else await kept.release()
  }
}

/** Throws StackError for options that exclude one another. */
function checkTogether(home: string, { light = false, brokers, secure = isSecured(home) }: StackOptions): void {
  if (light && brokers === 3)
    throw new StackError('the light Kafka is one broker: start it without --brokers, or without --light')
  if (!secure || (!light && brokers !== 3)) return
  const what = light ? '--light, which knows no TLS' : '--brokers 3'
  throw new StackError(`the secured stack of ${home} can't have ${what}: name another folder with WEIR_HOME`, {
    exitCode: 2,
  })
}

/**
 * Starts the local services, or finds them running, and resolves when each has answered in its own protocol.
 * @throws StackError one sentence on why a service can't run; nothing that this call started runs then
 * @throws StackError with exit code 2 when `WEIR_STACK_PORTS` can't be read
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { attached = false, onProgress = () => {} } = options
  const home = stackHome(options.home)
  checkTogether(home, options)
  const aborted = new AbortController()
  const onAbort = (): void => aborted.abort(new StartAborted())
  if (options.signal?.aborted) onAbort()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const run: Run = {
    home,
    light: options.light ?? false,
    fixed: options.ports ?? parsePorts(),
    signal: aborted.signal,
    progress: name => line => onProgress(`${name}: ${line}`),
    owned: new Map(),
  }
  try {
    return await exclusively(home, { signal: run.signal, progress: onProgress, ends: false }, async () => {
      if (options.secure) makeSecured(home)
      const brokers = run.light ? 1 : brokersFor(home, options.brokers)
      const names = withBrokers(options.services ?? serviceNames, brokers)
      await launchAll(run, isSecured(home) ? withGate(names) : names)
      await settle(run, attached)
      return handle(run, attached)
    })
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
  }
}

/** Stops every service of a home, whoever started it. @returns those that ran */
export async function stopStack(home?: string, onProgress: (line: string) => void = () => {}): Promise<ServiceName[]> {
  const folder = stackHome(home)
  const how: Change = { signal: new AbortController().signal, progress: onProgress, ends: true }
  return exclusively(folder, how, async () => {
    const state = readState(folder)
    const running = allServices.filter(name => processOf(state[name]) !== undefined)
    await Promise.all(
      running.map(async name => {
        await stopOne(folder, name)
        onProgress(`${name}: stopped`)
      }),
    )
    return running
  })
}

/** What a home holds; downloads are not part of it, nor is anything that someone else has put there. */
const contents =
  'light kafka kafka.json kafka.properties kafka-2 kafka-2.properties kafka-3 kafka-3.properties registry postgres postgres.part mqtt mosquitto.conf secure secure.part logs stack.json'.split(
    ' ',
  )
/** What a process that was killed, or found the disk full, has left of files that are written beside and renamed. */
const unfinished = /^(stack\.json|lock)\.\d+/

/** Stops every service and deletes its data and logs. Downloads stay. */
export async function resetStack(home?: string, onProgress: (line: string) => void = () => {}): Promise<void> {
  const folder = stackHome(home)
  await stopStack(folder, onProgress)
  try {
    removeShelter(folder)
    const left = readdirSync(folder).filter(name => contents.includes(name) || unfinished.test(name))
    for (const name of left) rmSync(join(folder, name), { recursive: true, force: true })
  } catch (error) {
    throw inWords(error, folder)
  }
}
