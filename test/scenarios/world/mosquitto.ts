import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectOnce } from '../../../src/connectors/mqtt/mqtt-client'
import { onPath } from '../../../src/stack/programs'
import { until } from '../kafka-stack'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise(done => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function answers(url: string): Promise<boolean> {
  const link = await connectOnce({ url, clientId: 'is-it-there', timeoutMs: 1_000 }).catch(() => undefined)
  await link?.client.endAsync(true)
  return link !== undefined
}

/** A mosquitto of a test's own, set up as the test needs it. */
export class Mosquitto {
  readonly url: string
  private readonly home = mkdtempSync(join(tmpdir(), 'weir-mosquitto-'))
  private child: ChildProcess | undefined

  private constructor(
    private readonly port: number,
    private settings: readonly string[],
  ) {
    this.url = `mqtt://127.0.0.1:${port}`
  }

  /** `settings`: lines of mosquitto.conf; `rights`: lines of its ACL file, by default everything is allowed. */
  static async start(settings: readonly string[] = [], rights: readonly string[] = ['topic readwrite #']) {
    const broker = new Mosquitto(await freePort(), settings)
    broker.allow(rights)
    await broker.launch()
    return broker
  }

  /** Kills it, with all that it retains, and starts it again; with other settings where they are given. */
  async restart(settings = this.settings): Promise<void> {
    await this.end('SIGKILL')
    this.settings = settings
    await this.launch()
  }

  allow(rights: readonly string[]): void {
    writeFileSync(join(this.home, 'acl'), `${rights.join('\n')}\n`)
    // It reads its rights again.
    this.child?.kill('SIGHUP')
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
    rmSync(this.home, { recursive: true, force: true })
  }

  /** It answers nobody, and its connections stay, until `thaw`. */
  freeze(): void {
    this.child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.child?.kill('SIGCONT')
  }

  private async launch(): Promise<void> {
    const lines = [
      'allow_anonymous true',
      'max_queued_messages 100000',
      `acl_file ${join(this.home, 'acl')}`,
      'user root',
    ]
    const config = join(this.home, 'mosquitto.conf')
    writeFileSync(config, [...lines, `listener ${this.port} 127.0.0.1`, ...this.settings, ''].join('\n'))
    this.child = spawn(onPath('mosquitto') ?? '/usr/sbin/mosquitto', ['-c', config], { stdio: 'ignore' })
    try {
      await until(() => answers(this.url), 'mosquitto to listen')
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (child?.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(done => child.once('exit', done))
    child.kill(signal)
    await ended
  }
}

export const hasMosquitto = onPath('mosquitto') !== undefined
