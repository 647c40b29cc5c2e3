import type { WebSocket } from 'ws'
import type { Log } from '../../../log'
import type { Outage } from '../../contract'
import { clientMessage } from '../../contract/live'
import { inputProblem, isUnforeseen, ProblemError, problemOf } from '../problems'
import { type Feed, JsonText } from './feed'
import { Pace } from './pace'
import type { OpenSubscription } from './subscriptions'

export interface ConnectionOptions {
  readonly open: OpenSubscription
  readonly outages: () => readonly Outage[]
  readonly log: Log
}

/** The most subscriptions of one client: a page has a dozen. */
const maxSubscriptions = 64
/** The time between two pings, ms; two without an answer end the connection. */
const pingMs = 20_000
/** The most unsent bytes with which the socket gets another message: about a frame. */
const roomBytes = 64 * 1024
/** Messages of so many bytes don't wait behind large ones: what has just happened is small. */
const smallBytes = 2_048

interface Subscribed {
  feed: Feed | undefined
  readonly kind: string
  /** It has something that wasn't sent. */
  isDirty: boolean
  /** How large its last message was. */
  lastBytes: number
}

/** One client's connection: it takes from its subscriptions' feeds what is newest whenever the socket has room and the page is seen. */
export class Connection {
  private readonly subscriptions = new Map<number, Subscribed>()
  private isHidden = false
  private isAlive = true
  private isSending = false
  private isClosed = false
  private readonly ping: NodeJS.Timeout
  private readonly pace = new Pace()
  /** Set while something waits for the pace. */
  private waiting: NodeJS.Timeout | undefined

  constructor(
    private readonly socket: WebSocket,
    private readonly options: ConnectionOptions,
  ) {
    socket.on('message', (data, isBinary) => this.receive(isBinary ? '' : String(data)))
    socket.on('pong', () => {
      this.isAlive = true
    })
    socket.on('close', () => this.end())
    // After an error the socket closes, and nothing else has to be done.
    socket.on('error', () => this.end())
    this.ping = setInterval(() => this.keepAlive(), pingMs)
    this.ping.unref()
  }

  close(): void {
    this.socket.close(1001, 'the dashboard ends')
    this.end()
  }

  private end(): void {
    if (this.isClosed) return
    this.isClosed = true
    clearInterval(this.ping)
    clearTimeout(this.waiting)
    for (const { feed } of this.subscriptions.values()) feed?.close()
    this.subscriptions.clear()
    this.socket.terminate()
  }

  private keepAlive(): void {
    if (this.isAlive) this.socket.ping()
    else this.end()
    this.isAlive = false
  }

  private receive(text: string): void {
    const message = this.parse(text)
    if (message === undefined) return
    if (message.do === 'hidden') {
      this.isHidden = message.hidden
      this.flush()
    } else {
      this.drop(message.id)
      if (message.do === 'subscribe') this.subscribe(message.id, message.to)
    }
  }

  private parse(text: string) {
    try {
      const found = clientMessage.safeParse(JSON.parse(text))
      if (found.success) return found.data
      this.refuse(0, inputProblem('message', found.error))
    } catch {
      this.refuse(0, new ProblemError('bad-input', 'The message is no JSON.'))
    }
    return undefined
  }

  private subscribe(id: number, to: Parameters<OpenSubscription>[0]): void {
    if (this.subscriptions.size >= maxSubscriptions) {
      this.refuse(id, new ProblemError('too-many', `A connection has ${maxSubscriptions} subscriptions at most.`))
      return
    }
    const subscribed: Subscribed = { feed: undefined, kind: to.kind, isDirty: false, lastBytes: 0 }
    const isOurs = () => this.subscriptions.get(id) === subscribed
    const changed = () => {
      subscribed.isDirty = true
      if (isOurs()) this.flush()
    }
    const failed = (error: unknown) => {
      if (!isOurs()) return
      this.drop(id)
      this.refuse(id, error)
    }
    this.subscriptions.set(id, subscribed)
    try {
      subscribed.feed = this.options.open(to, changed, failed)
      this.flush()
    } catch (error) {
      failed(error)
    }
  }

  private drop(id: number): void {
    const known = this.subscriptions.get(id)
    this.subscriptions.delete(id)
    known?.feed?.close()
  }

  private refuse(id: number, error: unknown): void {
    const problem = problemOf(error, this.options.outages())
    if (isUnforeseen(problem)) this.options.log.error({ err: error }, 'a subscription of the dashboard has failed')
    this.socket.send(JSON.stringify({ id, kind: 'problem', data: problem }))
  }

  /** Sends what is dirty, one message after the other; the next one is taken only once the socket has room for it, and its pace allows it. */
  private flush(): void {
    if (this.isSending || this.isHidden || this.isClosed) return
    const waitMs = this.pace.waitMs(performance.now())
    for (const [id, subscribed] of this.subscriptions) {
      const { isDirty, feed, lastBytes } = subscribed
      if (!isDirty || feed === undefined) continue
      if (this.socket.bufferedAmount > roomBytes) return
      if (waitMs > 0 && lastBytes > smallBytes) {
        this.flushIn(waitMs)
        continue
      }
      subscribed.isDirty = false
      const taken = feed.take()
      if (taken === undefined) continue
      // Those that have waited longest come first the next time.
      this.subscriptions.delete(id)
      this.subscriptions.set(id, subscribed)
      this.send(id, subscribed, taken)
      return
    }
  }

  private flushIn(waitMs: number): void {
    this.waiting ??= setTimeout(() => {
      this.waiting = undefined
      this.flush()
    }, waitMs)
  }

  private send(id: number, subscribed: Subscribed, taken: object): void {
    this.isSending = true
    const sent = () => {
      this.isSending = false
      this.flush()
    }
    const isFrame = taken instanceof Uint8Array
    const message = isFrame ? frameOf(id, taken) : textOf(id, subscribed.kind, taken)
    subscribed.lastBytes = Buffer.byteLength(message)
    this.pace.sent(subscribed.lastBytes, performance.now())
    if (isFrame) this.socket.send(message, { binary: true, compress: false }, sent)
    else this.socket.send(message, sent)
  }
}

function textOf(id: number, kind: string, data: object): string {
  return `{"id":${id},"kind":${JSON.stringify(kind)},"data":${data instanceof JsonText ? data.text : JSON.stringify(data)}}`
}

/** The frame with the number of its subscription before it. */
function frameOf(id: number, frame: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(4 + frame.length)
  framed.writeUInt32LE(id, 0)
  framed.set(frame, 4)
  return framed
}
