import { connect, createServer, type Server } from 'node:net'
import { issue, makeAuthority } from '../../../src/stack/secure/certificates'
import { type SecuredSettings, securedSettings } from '../../../src/stack/secure/settings'
import { type Stack, startStack } from '../../../src/stack/stack'
import { readState } from '../../../src/stack/state'
import { newHome } from '../stack-homes'

/** A secured stack of a test's own. */
export class SecuredStack {
  private readonly proxies: Server[] = []

  private constructor(
    readonly home: string,
    private readonly stack: Stack,
  ) {}

  static async start(): Promise<SecuredStack> {
    const home = newHome()
    const ports = { kafka: 0, registry: 0, postgres: 0, mqtt: 0, ws: 0 }
    return new SecuredStack(home, await startStack({ home, secure: true, ports, attached: true }))
  }

  get settings(): SecuredSettings {
    return securedSettings(this.home)
  }

  /** Certificates of another authority, for the same names. @returns the folder of `stranger.pem`, `strangers-client.pem` and `.key` */
  strangers(): string {
    makeAuthority(this.home, 'stranger', 'a stranger')
    issue(this.home, 'stranger', 'strangers-client', { name: 'weir' })
    return this.home
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

  async stop(): Promise<void> {
    for (const proxy of this.proxies) proxy.close()
    await this.stack.stop()
  }
}
