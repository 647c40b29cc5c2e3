import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isUnwritable } from './disk-fault'
import { logOf, logsOf } from './home'
import { isAlive, type Kept, keep, type ProcessId, terminate } from './processes'
import type { Service, ServicePorts, StartContext } from './service'
import { StackError } from './stack-error'

/** A service gets this long from its program's start to its first answer; a crash recovery of the data is part of it. */
const readyLimitMs = 120_000
/** For a program that says itself that it can't start yet. */
const maxAttempts = 20
const retryPauseMs = 500
const maxLogBytes = 32 * 1024 * 1024

/** Opens a service's log for appending; one that has grown beyond 32 MB begins anew. */
function openLog(home: string, service: string): number {
  mkdirSync(logsOf(home), { recursive: true })
  const file = logOf(home, service)
  const fd = openSync(file, 'a')
  if (statSync(file).size > maxLogBytes) truncateSync(file)
  return fd
}

/** A line for the log. On a full disk it is left out: what the program fails with is told all the same. */
function note(fd: number, line: string): void {
  try {
    writeSync(fd, `${line}\n`)
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
}

/** The last lines of a service's log. */
export function logTail(home: string, service: string, lines: number): string[] {
  return tailFrom(0, home, service, lines)
}

function tailFrom(from: number, home: string, service: string, lines: number): string[] {
  try {
    return readFileSync(logOf(home, service)).subarray(from).toString('utf8').trimEnd().split('\n').slice(-lines)
  } catch {
    return []
  }
}

/** Thrown when the program ended before it answered. */
class EndedEarly extends StackError {
  constructor(
    message: string,
    readonly tail: string,
  ) {
    super(message)
  }
}

/**
 * Asks until the service answers.
 * @throws StackError when the program ends first, or does not answer within 2 min
 */
export async function awaitReady(
  service: Service,
  ports: ServicePorts,
  id: ProcessId,
  { home, signal }: Pick<StartContext, 'home' | 'signal'>,
  logFrom = 0,
): Promise<void> {
  const end = Date.now() + readyLimitMs
  const log = logOf(home, service.name)
  for (;;) {
    signal.throwIfAborted()
    const fault = await service.probe(ports).then(
      () => undefined,
      (error: Error) => error,
    )
    // The answer counts only while the program lives: another one may have been faster on its port.
    if (!isAlive(id)) {
      const tail = tailFrom(logFrom, home, service.name, 5).join('\n  ')
      throw new EndedEarly(`${service.name} ended while it was starting; the end of ${log}:\n  ${tail}`, tail)
    }
    if (fault === undefined) return
    if (Date.now() > end) throw new StackError(`${service.name} does not answer (${fault.message}): see ${log}`)
    await sleep(50)
  }
}

type Context = Omit<StartContext, 'log'>

async function startOnce(
  service: Service,
  ports: ServicePorts,
  context: StartContext,
  fd: number,
  onStarted: (id: ProcessId) => void,
): Promise<Kept> {
  const launch = await service.prepare(ports, context)
  context.signal.throwIfAborted()
  context.progress(
    `starting on port ${ports.port}${ports.wsPort === undefined ? '' : ` and WebSocket ${ports.wsPort}`}`,
  )
  const logFrom = fstatSync(fd).size
  const kept = await keep({ ...launch, stopSignal: service.stopSignal }, fd)
  try {
    onStarted(kept.id)
    await awaitReady(service, ports, kept.id, context, logFrom)
    return kept
  } catch (error) {
    await terminate(kept.id, service.stopSignal)
    throw error
  }
}

/** Starts a service's program and waits until it answers. A program that fails to is gone when this throws. */
export async function startService(
  service: Service,
  ports: ServicePorts,
  context: Context,
  onStarted: (id: ProcessId) => void,
): Promise<Kept> {
  const fd = openLog(context.home, service.name)
  const full: StartContext = { ...context, log: line => note(fd, line) }
  const begun = performance.now()
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const kept = await startOnce(service, ports, full, fd, onStarted)
        context.progress(`ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`)
        return kept
      } catch (error) {
        const again = error instanceof EndedEarly && service.retryWhen?.test(error.tail)
        if (!again || attempt === maxAttempts) throw error
        await sleep(retryPauseMs)
      }
    }
  } finally {
    closeSync(fd)
  }
}
