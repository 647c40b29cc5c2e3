import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { KafkaSession, type Meddle } from './kafka-session'

/** A port where Kafka seems to be: it reads what goes through, and whoever holds it may answer in the broker's place. */
export class KafkaProxy {
  private readonly sessions = new Set<KafkaSession>()
  /** Is asked for each request. */
  meddle: Meddle | undefined

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
    /** The broker's own port, as its answers have it. */
    private readonly brokerPort: number,
  ) {
    server.on('connection', socket => this.join(socket))
  }

  /** `through`: the port that leads to the broker; `brokerPort`: the one that the broker says it has. */
  static async to(through: number, brokerPort: number): Promise<KafkaProxy> {
    const server = createServer({ noDelay: true })
    const proxy = new KafkaProxy(server, () => through, brokerPort)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.close()
    const closed = once(this.server, 'close')
    this.server.close()
    await closed
  }

  private join(client: Socket): void {
    const broker = connect({ port: this.target(), host: '127.0.0.1', noDelay: true })
    const session = new KafkaSession(client, broker, {
      portOf: port => (port === this.brokerPort ? this.port : port),
      meddle: request => this.meddle?.(request) ?? 'pass',
    })
    this.sessions.add(session)
    client.once('close', () => this.sessions.delete(session))
  }
}
