import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Length, protocol 3.0 and parameters of a first message. */
function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters).flat()
  const body = Buffer.from(`${text.join('\0')}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(body.length + 8)
  head.writeInt32BE(3 << 16, 4)
  return Buffer.concat([head, body])
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const authenticated = message('R', Buffer.alloc(4))
/** A number of the pooler's own, as PgBouncer gives: no process of the server has it. */
const keyData = message('K', Buffer.alloc(8, 0x7f))
const ready = message('Z', Buffer.from('I'))

/** Cuts a stream into messages: `onMessage` gets each with its type. */
function cutter(onMessage: (type: string, bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = rest.readInt32BE(1) + 1
      const bytes = rest.subarray(0, end)
      rest = rest.subarray(end)
      onMessage(String.fromCharCode(bytes[0] ?? 0), bytes)
    }
  }
}

/** A session of the server, and the client whose transaction it is in. */
interface Session {
  readonly socket: Socket
  client: Socket | undefined
  /** What the server says of itself at the start (ParameterStatus). */
  readonly facts: Buffer[]
}

/**
 * Does to clients what PgBouncer does in transaction mode: each transaction goes to the session of the server that has rested
 * longest, so that whatever a client leaves in a session is met by another, and by itself missed.
 */
export class TransactionPooler {
  private readonly server = createServer({ noDelay: true }, client => this.serve(client))
  private readonly resting: Session[] = []
  private readonly waiting: ((session: Session) => void)[] = []

  private constructor(
    private readonly to: URL,
    private readonly sessions: number,
  ) {}

  static async start(databaseUrl: string, sessions = 3): Promise<TransactionPooler> {
    const pooler = new TransactionPooler(new URL(databaseUrl), sessions)
    for (let i = 0; i < sessions; i++) pooler.release(await pooler.session())
    await once(pooler.server.listen(0, '127.0.0.1'), 'listening')
    return pooler
  }

  get url(): string {
    const url = new URL(this.to)
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`
    return url.href
  }

  /** Ends the server's sessions; clients have ended theirs. */
  async stop(): Promise<void> {
    for (let i = 0; i < this.sessions; i++) (await this.take()).socket.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }

  private async session(): Promise<Session> {
    const { hostname, port, username, pathname } = this.to
    const socket = connect({ port: Number(port), host: hostname, noDelay: true })
    const session: Session = { socket, client: undefined, facts: [] }
    socket.on('error', () => {})
    const started = new Promise<void>(resolve => {
      const cut = cutter((type, bytes) => {
        if (type === 'S' && session.client === undefined) session.facts.push(bytes)
        session.client?.write(bytes)
        if (type !== 'Z') return
        resolve()
        if (bytes[5] === ready[5] && session.client !== undefined) this.release(session)
      })
      socket.on('data', cut)
    })
    socket.write(startup({ user: username, database: pathname.slice(1) }))
    await started
    return session
  }

  private release(session: Session): void {
    session.client = undefined
    const next = this.waiting.shift()
    if (next) next(session)
    else this.resting.push(session)
  }

  private async take(): Promise<Session> {
    const session = this.resting.shift()
    return session ?? new Promise(resolve => this.waiting.push(resolve))
  }

  private serve(client: Socket): void {
    let held: Promise<Session> | undefined
    const cut = cutter((type, bytes) => {
      if (type === 'X') return
      held ??= this.take().then(session => {
        session.client = client
        return session
      })
      // A session that was released in the meantime is another's.
      held = held.then(async session => {
        const mine = session.client === client ? session : await this.take()
        mine.client = client
        mine.socket.write(bytes)
        return mine
      })
    })
    client.once('data', () => {
      client.on('data', cut)
      client.write(Buffer.concat([authenticated, ...(this.resting[0]?.facts ?? []), keyData, ready]))
    })
    client.on('error', () => {})
    client.on('close', () => {
      // In the middle of a transaction: the server rolls it back with its session, and another takes its place.
      void held?.then(async session => {
        if (session.client !== client) return
        session.socket.destroy()
        this.release(await this.session())
      })
    })
  }
}
