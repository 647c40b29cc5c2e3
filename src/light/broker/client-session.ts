import { ByteReader } from '../../connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../connectors/kafka/protocol/byte-writer'
import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Cluster } from '../cluster/cluster'
import { apiVersions } from '../messages/api-versions'
import type { Connection } from '../world/world'
import { allApis } from './all-apis'
import type { Between } from './between'
import type { Call, Served } from './serve'

/** `socket.request.max.bytes` */
const MAX_REQUEST_BYTES = 100 * 1024 * 1024
const LENGTH_BYTES = 4

interface Request {
  readonly api: Served
  readonly correlationId: number
  readonly call: Call
  readonly body: Buffer
}

/** One client on one connection: its requests are answered one after the other, as it sent them. */
export class ClientSession {
  private received: Buffer = Buffer.alloc(0)
  private isBusy = false
  private isClosed = false

  /** `fault` is told what a client sent that is no request of Kafka's; its connection is closed. */
  constructor(
    private readonly cluster: Cluster,
    private readonly node: number,
    private readonly connection: Connection,
    private readonly fault: (text: string) => void,
    private readonly between: Between,
  ) {
    connection.onData(bytes => {
      this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes])
      this.next()
    })
    connection.onClose(() => {
      this.isClosed = true
    })
  }

  close(): void {
    this.isClosed = true
    this.connection.close()
  }

  private next(): void {
    try {
      while (!this.isBusy && !this.isClosed) {
        const request = this.take()
        if (request === undefined) return
        this.isBusy = true
        this.handle(request)
      }
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error))
      this.fault(`node ${this.node}: closed the connection from ${this.connection.from}: ${message}`)
      this.close()
    }
  }

  private handle({ api, call, body, correlationId }: Request): void {
    let [isAnswered, isAtOnce] = [false, true]
    this.between({ api, call, body, cut: () => this.close() }, answer => {
      if (isAnswered) throw new Error(`${api.name} was answered twice`)
      isAnswered = true
      this.isBusy = false
      if (answer !== undefined)
        this.write(correlationId, api.key !== apiVersions.key && api.wire(call.version).flexible, answer)
      if (!isAtOnce) this.next()
    })
    isAtOnce = false
  }

  private write(correlationId: number, isFlexible: boolean, body: Buffer): void {
    if (this.isClosed) return
    const to = new ByteWriter(body.length + 16)
    to.int32(LENGTH_BYTES + (isFlexible ? 1 : 0) + body.length).int32(correlationId)
    if (isFlexible) to.noTags()
    this.connection.write(to.raw(body).buffer)
  }

  /** The next whole request; undefined while it isn't here. */
  private take(): Request | undefined {
    if (this.received.length < LENGTH_BYTES) return undefined
    const length = this.received.readInt32BE(0)
    if (length < 8 || length > MAX_REQUEST_BYTES) throw new RangeError(`a request of ${length} bytes`)
    if (this.received.length < LENGTH_BYTES + length) return undefined
    const bytes = this.received.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
    this.received = this.received.subarray(LENGTH_BYTES + length)
    return this.parse(bytes)
  }

  private parse(bytes: Buffer): Request | undefined {
    const from = new ByteReader(bytes)
    const [key, version, correlationId] = [from.int16(), from.int16(), from.int32()]
    const clientId = from.nullableString() ?? ''
    const api = allApis.get(key)
    const isSpoken = api !== undefined && version >= api.versions[0] && version <= api.versions[1]
    const { cluster, node } = this
    const call = { cluster, node, clientId, from: this.connection.from, version }
    if (!isSpoken && api?.key === apiVersions.key) {
      this.refuseVersion(api, correlationId, call)
      return this.take()
    }
    if (!isSpoken) throw new RangeError(`API ${key} in version ${version} is not spoken`)
    if (api.wire(version).flexible) from.skipTags()
    return { api, correlationId, call, body: bytes.subarray(from.offset) }
  }

  /** In version 0, with which the client can choose one that both speak (KIP-511). */
  private refuseVersion(api: Served, correlationId: number, call: Call): void {
    api.handle(Buffer.alloc(0), { ...call, version: 0 }, answer => {
      answer?.writeInt16BE(ErrorCode.UNSUPPORTED_VERSION, 0)
      if (answer !== undefined) this.write(correlationId, false, answer)
    })
  }
}
