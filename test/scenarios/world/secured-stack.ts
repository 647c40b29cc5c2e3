import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { secureOf } from '../../../src/stack/home'
import { issue, makeAuthority } from '../../../src/stack/secure/certificates'
import { secrets } from '../../../src/stack/secure/folder'
import { type SecuredSettings, securedSettings } from '../../../src/stack/secure/settings'
import { type Stack, startStack } from '../../../src/stack/stack'
import { readState } from '../../../src/stack/state'
import { newHome } from '../stack-homes'

const keys = ['ca.key', 'server.key', 'client.key', 'admin.key', 'token.key']

/** A secured stack of a test's own, and all that must not be seen of it. */
export class SecuredStack {
  /** Command lines of all of the machine's processes, while it was started and afterwards. */
  private readonly titles = new Set<string>()
  private readonly timer = setInterval(() => this.look(), 100)
  private readonly proxies: Server[] = []

  private constructor(
    readonly home: string,
    private started: Stack | undefined,
  ) {}

  static async start(): Promise<SecuredStack> {
    const made = new SecuredStack(newHome(), undefined)
    const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
    made.started = await startStack({ home: made.home, secure: true, ports, attached: true })
    return made
  }

  get stack(): Stack {
    if (this.started === undefined) throw new Error('the stack is not started')
    return this.started
  }

  get settings(): SecuredSettings {
    return securedSettings(this.home)
  }

  file(name: string): string {
    return join(secureOf(this.home), name)
  }

  text(name: string): string {
    return readFileSync(this.file(name), 'utf8')
  }

  /** A log of one of its services. */
  log(service: string): string {
    return readFileSync(join(this.home, 'logs', `${service}.log`), 'utf8')
  }

  /** Certificates of another authority, for the same names. @returns the folder of `ca.pem`, `client.pem`, `client.key` */
  strangers(): string {
    const folder = this.home
    makeAuthority(folder, 'stranger', 'a stranger')
    issue(folder, 'stranger', 'strangers-client', { name: 'weir' })
    return folder
  }

  /** The same services at an address that is in no certificate. */
  async elsewhere(): Promise<string> {
    const { kafka, gate, postgres, mqtt } = readState(this.home)
    const host = '127.0.0.2'
    for (const port of [kafka?.port, kafka?.saslPort, gate?.port, postgres?.port, mqtt?.port]) {
      const server = createServer(client => {
        const there = connect(port ?? 0, '127.0.0.1')
        for (const [from, to] of [
          [client, there],
          [there, client],
        ] as const) {
          from.on('error', () => to.destroy())
          from.pipe(to)
        }
      })
      await new Promise<void>(done => server.listen(port, host, done))
      this.proxies.push(server)
    }
    return host
  }

  /** Every secret that it has, and what it may not stand in but in its own files. */
  secrets(): { readonly name: string; readonly text: string }[] {
    const lines = keys.map(name => ({ name, text: this.text(name).split('\n')[1] ?? '' }))
    return [...secrets.map(name => ({ name, text: this.text(name) })), ...lines]
  }

  /** Which of the secrets stand in a text. */
  seenIn(text: string): string[] {
    return this.secrets()
      .filter(secret => text.includes(secret.text))
      .map(({ name }) => name)
  }

  /** All that its services have logged, and all command lines. */
  traces(): string {
    const logs = readdirSync(join(this.home, 'logs')).map(name => readFileSync(join(this.home, 'logs', name), 'utf8'))
    this.look()
    return [...logs, ...this.titles].join('\n')
  }

  /** Files outside of the folder for secrets that others may read, and that hold one. */
  openFiles(): string[] {
    return readdirSync(this.home, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ name }) => join(this.home, name))
      .filter(file => (statSync(file).mode & 0o077) !== 0 && this.seenIn(readFileSync(file, 'utf8')).length > 0)
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    for (const proxy of this.proxies) proxy.close()
    await this.started?.stop()
  }

  private look(): void {
    for (const line of execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n')) this.titles.add(line)
  }
}
