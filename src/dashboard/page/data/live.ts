import type { ClientMessage, Problem, ServerMessage, Subscription, SubscriptionKind } from '../../contract'

/** What the server sends for a kind of subscription. */
export type LiveData<K extends SubscriptionKind> = Extract<ServerMessage, { kind: K }>['data']

/** What a connection needs of the world, so that tests can stand in for it. */
export interface LiveWorld {
  /** A new connection; its handlers are set at once. */
  connect(): LiveSocket
  now(): number
  /** Calls back later; what it returns calls that off. */
  after(ms: number, run: () => void): () => void
  /** 0 to 1: spreads the attempts of many pages. */
  random(): number
}

/** The part of a WebSocket that is used. */
export interface LiveSocket {
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: (() => void) | null
  send(text: string): void
  close(): void
}

export interface LiveState {
  readonly is: 'connecting' | 'live' | 'lost'
  /** By the browser's clock. */
  readonly sinceMs: number
}

interface Listener {
  readonly to: Subscription
  readonly hear: (data: unknown) => void
  readonly fail: (problem: Problem) => void
}

/** The first attempt comes soon, for a server that only restarts; the longest pause is 5 s, ms. */
const pauses = { first: 250, longest: 5000 }

/**
 * The page's one live connection. Subscriptions outlive it: after a loss it comes back by itself and says again what is listened to. While
 * the page is hidden the server is asked to say nothing.
 *
 * @example
 * const stop = live.subscribe({ kind: 'status' }, ({ outages }) => show(outages))
 */
export class Live {
  private readonly listeners = new Map<number, Listener>()
  private socket: LiveSocket | undefined
  private isOpen = false
  private failures = 0
  private nextId = 1
  private hidden = false
  private state: LiveState

  constructor(
    private readonly world: LiveWorld,
    private readonly tell: (state: LiveState) => void,
  ) {
    this.state = { is: 'connecting', sinceMs: world.now() }
  }

  start(): void {
    this.open()
  }

  /** Calls `hear` with what the server sends until the returned function is called. A problem ends the subscription. */
  subscribe<K extends SubscriptionKind>(
    to: Extract<Subscription, { kind: K }>,
    hear: (data: LiveData<K>) => void,
    fail: (problem: Problem) => void = () => {},
  ): () => void {
    return this.listen(to, hear as (data: unknown) => void, fail)
  }

  /** The same for a view's binary frames. */
  frames(view: string, query: string, hear: (frame: DataView) => void, fail: (problem: Problem) => void): () => void {
    return this.listen({ kind: 'frames', view, query }, hear as (data: unknown) => void, fail)
  }

  hide(hidden: boolean): void {
    if (hidden === this.hidden) return
    this.hidden = hidden
    this.say({ do: 'hidden', hidden })
  }

  private listen(to: Subscription, hear: (data: unknown) => void, fail: (problem: Problem) => void): () => void {
    const id = this.nextId++
    this.listeners.set(id, { to, hear, fail })
    this.say({ do: 'subscribe', id, to })
    return () => {
      if (this.listeners.delete(id)) this.say({ do: 'unsubscribe', id })
    }
  }

  private say(message: ClientMessage): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(message))
  }

  private open(): void {
    const socket = this.world.connect()
    this.socket = socket
    socket.onopen = () => {
      this.isOpen = true
      this.failures = 0
      this.become('live')
      if (this.hidden) this.say({ do: 'hidden', hidden: true })
      for (const [id, { to }] of this.listeners) this.say({ do: 'subscribe', id, to })
    }
    socket.onmessage = ({ data }) => this.take(data)
    socket.onclose = () => {
      this.isOpen = false
      this.become('lost')
      this.world.after(this.pause(), () => this.open())
    }
  }

  private pause(): number {
    const longest = Math.min(pauses.longest, pauses.first * 2 ** this.failures++)
    return longest * (0.75 + this.world.random() / 4)
  }

  private become(is: LiveState['is']): void {
    if (this.state.is === is) return
    this.state = { is, sinceMs: this.world.now() }
    this.tell(this.state)
  }

  private take(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      const frame = new DataView(data)
      this.listeners.get(frame.getUint32(0, true))?.hear(new DataView(data, 4))
      return
    }
    const message: ServerMessage = JSON.parse(String(data))
    const listener = this.listeners.get(message.id)
    if (listener === undefined) return
    if (message.kind === 'problem') {
      this.listeners.delete(message.id)
      listener.fail(message.data)
    } else listener.hear(message.data)
  }
}
