import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ClientMessage, LiveData, ServerMessage, Subscription } from '../../src/dashboard/contract'
import { until } from '../scenarios/kafka-stack'

/** A page's live connection. */
export class LiveClient {
  readonly messages: ServerMessage[] = []
  readonly frames: Buffer[] = []
  private nextId = 1

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.frames.push(data as Buffer)
      else this.messages.push(JSON.parse(String(data)))
    })
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<LiveClient> {
    const client = new LiveClient(new WebSocket(`${url.replace('http', 'ws')}/api/live`, { headers }))
    await once(client.socket, 'open')
    return client
  }

  say(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  subscribe(to: Subscription): number {
    const id = this.nextId++
    this.say({ do: 'subscribe', id, to })
    return id
  }

  /** What was told of a subscription so far. */
  of<K extends keyof LiveData>(id: number, kind: K): LiveData[K][] {
    return this.messages.filter(each => each.id === id && each.kind === kind).map(each => each.data as LiveData[K])
  }

  /** The first of it that fits, once it comes. */
  first<K extends keyof LiveData>(
    id: number,
    kind: K,
    fits: (data: LiveData[K]) => boolean = () => true,
  ): Promise<LiveData[K]> {
    return until<LiveData[K]>(() => this.of(id, kind).find(fits) as LiveData[K], `${kind} of subscription ${id}`)
  }

  async close(): Promise<void> {
    this.socket.close()
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close')
  }
}
