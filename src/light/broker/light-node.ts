import type { Cluster } from '../cluster/cluster'
import type { Listener, Network } from '../world/world'
import type { Between } from './between'
import { ClientSession } from './client-session'

/** One node: a port, and the clients that are connected to it. */
export class LightNode {
  private readonly sessions = new Set<ClientSession>()
  private listener: Listener | undefined

  constructor(
    readonly id: number,
    private readonly host: string,
    private readonly cluster: Cluster,
    private readonly network: Network,
    private readonly fault: (text: string) => void,
    private readonly between: Between,
  ) {}

  /** Listens, and returns the port. */
  async listen(port: number): Promise<number> {
    this.listener = await this.network.listen(this.host, port, connection => {
      const session = new ClientSession(this.cluster, this.id, connection, this.fault, this.between)
      this.sessions.add(session)
      connection.onClose(() => this.sessions.delete(session))
    })
    return this.listener.port
  }

  /** Listens no more, and cuts all connections. */
  async close(): Promise<void> {
    const closing = this.listener?.close()
    for (const session of [...this.sessions]) session.close()
    this.sessions.clear()
    await closing
  }
}
