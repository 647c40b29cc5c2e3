import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { writeTypes } from '../../codecs/schema-files'
import { type Config, readConfig } from '../../config'
import { withDotenv } from '../../dotenv'
import { ConfigError } from '../../errors'
import { silentLog } from '../../log'
import type { Stack } from '../../stack'
import { requireFile } from '../shared/load-topology'
import { dashboard as dashboardPackage, localStack } from '../shared/own-packages'
import { forkProgram } from '../shared/own-program'
import { readable } from './readable'
import { onSave } from './watch'

export interface SessionOptions {
  readonly file: string
  readonly feed?: string
  readonly partitions: number
  readonly acceptNewState?: boolean
  /** Whether Kafka and the registry are the light ones. */
  readonly light?: boolean
  /** Whether a page is served, where its package is installed. */
  readonly dashboard: boolean
  readonly out: NodeJS.WriteStream
}

/** Variables of which one says that the services are somebody's own. */
const addresses = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL', 'MQTT_URL']
/** A worker that has not ended by then is killed: what it has not committed is replayed. */
const stopLimitMs = 6_000

/** `weir dev`: services, one worker at a time, and a new one with each save, until `stop`. */
export class Session {
  private readonly stopping = new AbortController()
  private stack: Stack | undefined
  private worker: ChildProcess | undefined
  /** Ends watching and the page. */
  private readonly closings: (() => unknown)[] = []
  /** Starts and stops one after the other, however fast files are saved. */
  private turn: Promise<void> = Promise.resolve()

  constructor(private readonly options: SessionOptions) {}

  stop(): void {
    this.stopping.abort()
  }

  /** Resolves when it has been stopped and nothing of it is left. Rejects with ConfigError, NotFoundError or a StackError at the start. */
  async run(): Promise<void> {
    const { file, feed } = this.options
    for (const each of [file, ...(feed === undefined ? [] : [feed])]) requireFile(each)
    const { signal } = this.stopping
    try {
      await this.startServices()
      const config = readConfig()
      if (this.options.dashboard) await this.openDashboard(config)
      this.restart()
      this.closings.push(onSave(process.cwd(), saved => this.onSaved(saved)))
      if (!signal.aborted) await once(signal, 'abort')
    } catch (error) {
      // Interrupted while the services were starting.
      if (!signal.aborted) throw error
    } finally {
      for (const close of this.closings.reverse()) await close()
      await this.turn
      await this.endWorker()
      await this.stack?.stop()
    }
  }

  private say(line: string): void {
    this.options.out.write(`${line}\n`)
  }

  private async startServices(): Promise<void> {
    const environment = withDotenv()
    const named = addresses.filter(name => environment[name])
    if (named.length > 0) return this.say(`services: those of ${named.join(', ')}`)
    this.stack = await localStack().startStack({
      attached: true,
      light: await this.isLight(),
      onProgress: line => this.say(line),
      signal: this.stopping.signal,
    })
  }

  /** Where services run already, those are used; else Kafka itself, if this machine can run it. */
  private async isLight(): Promise<boolean> {
    const { stackStatus, lackingPrograms } = localStack()
    const kafka = (await stackStatus()).find(({ name }) => name === 'kafka')
    const isRunning = kafka?.state === 'running'
    const lacking = isRunning ? undefined : await lackingPrograms()
    const isLight = this.options.light ?? (isRunning ? kafka.program === 'light' : lacking !== undefined)
    if (lacking !== undefined && this.options.light === undefined)
      this.say(`This machine lacks ${lacking}, which Kafka itself needs.`)
    if (isLight) this.say('Kafka and the registry are the light ones: programs of Node, for first steps and tests.')
    return isLight
  }

  /** A page that can't be served is no reason not to run. */
  private async openDashboard({ kafka, registryUrl, databaseUrl }: Config): Promise<void> {
    try {
      const { startDashboard, usualPort } = dashboardPackage()
      const at = (port: number) => startDashboard({ kafka, registryUrl, databaseUrl, port, log: silentLog })
      const page = await at(usualPort).catch(error => (error instanceof ConfigError ? at(0) : Promise.reject(error)))
      this.closings.push(() => page.close())
      this.say(`dashboard: ${page.url}`)
    } catch (error) {
      this.say(`no dashboard: ${(error as Error).message}`)
    }
  }

  private onSaved(saved: string): void {
    if (/[/\\]types\.ts$/.test(saved)) return
    this.say(`${saved} saved: starting anew`)
    this.restart(saved)
  }

  /** Another worker in the place of the one that runs. */
  private restart(saved = ''): void {
    this.turn = this.turn.then(async () => {
      await this.endWorker()
      if (this.stopping.signal.aborted) return
      try {
        if (/\.(avsc|schema\.json)$/.test(saved)) this.say(`wrote ${writeTypes(saved.replace(/[^/\\]+$/, '') || '.')}`)
      } catch (error) {
        return this.say((error as Error).message)
      }
      this.startWorker()
    })
  }

  private startWorker(): void {
    const { file, feed, partitions, acceptNewState = false, out } = this.options
    const args = [
      ...[file, '--partitions', String(partitions)],
      ...(feed === undefined ? [] : ['--feed', feed]),
      ...(acceptNewState ? ['--accept-new-state'] : []),
      ...(this.stack === undefined ? [] : ['--prepare']),
    ]
    // Its own group: a terminal's Ctrl-C comes to this process, which ends it in order.
    const worker = forkProgram('dev-worker', args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
    this.worker = worker
    for (const input of [worker.stdout, worker.stderr])
      if (input) createInterface({ input }).on('line', line => this.say(readable(line, out.isTTY)))
    worker.once('exit', code => {
      if (this.worker !== worker) return
      this.worker = undefined
      this.say(`the topology has ended (exit code ${code}); it starts again with the next save`)
    })
  }

  private async endWorker(): Promise<void> {
    const { worker } = this
    this.worker = undefined
    if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return
    const ended = once(worker, 'exit')
    worker.kill('SIGTERM')
    const late = setTimeout(() => worker.kill('SIGKILL'), stopLimitMs)
    await ended
    clearTimeout(late)
  }
}
