import type { Socket } from 'node:net'
import { ByteReader } from '../../../../src/connectors/kafka/protocol/byte-reader'
import { allApis } from '../../../../src/light/broker/all-apis'
import { wrongAnswers } from '../../weather/wrong-answers'
import { tellsAddresses, withPorts } from './addresses'
import { framed, KafkaFrames } from './kafka-frames'

/** A request on its way to the broker. */
export interface KafkaRequest {
  readonly key: number
  readonly name: string
  readonly version: number
}

/**
 * What becomes of a request. `refuse`: it is answered with the code and the broker never sees it. `spoil`: the broker does it and the code is
 * answered. `tear`: the broker does it, half of an answer with the code comes, and the connection breaks.
 */
export type Fate =
  | 'pass'
  | { readonly kind: 'refuse' | 'spoil' | 'tear'; readonly code: number }
  /** The function is called before the broker gets the request, or when it has done it; nothing comes back. */
  | { readonly kind: 'before' | 'after'; readonly strike: () => void }

export type Meddle = (request: KafkaRequest) => Fate

interface Options {
  readonly portOf: (port: number) => number
  readonly meddle: Meddle
}

/** A request that waits for its answer, in the order of the connection. */
interface Waiting extends KafkaRequest {
  readonly correlationId: number
  readonly fate: Fate
  /** The answer, once it is here; of a refused request from the beginning. */
  answer?: Buffer
}

const API_VERSIONS = 18

/** One connection of a client, and the one to the broker that belongs to it. */
export class KafkaSession {
  private readonly requests = new KafkaFrames()
  private readonly answers = new KafkaFrames()
  private readonly waiting: Waiting[] = []

  constructor(
    private readonly client: Socket,
    private readonly broker: Socket,
    private readonly options: Options,
  ) {
    for (const socket of [client, broker]) {
      socket.on('error', () => {})
      socket.once('close', () => this.close())
    }
    client.on('data', bytes => this.fromClient(bytes))
    broker.on('data', bytes => this.fromBroker(bytes))
  }

  close(): void {
    this.client.destroy()
    this.broker.destroy()
  }

  private fromClient(bytes: Buffer): void {
    for (const frame of this.requests.push(bytes)) {
      const from = new ByteReader(frame)
      const [key, version, correlationId] = [from.int16(), from.int16(), from.int32()]
      const name = allApis.get(key)?.name ?? `API ${key}`
      const fate = this.options.meddle({ key, name, version })
      if (fate !== 'pass' && fate.kind === 'before') {
        fate.strike()
        return void this.close()
      }
      const waits: Waiting = { key, name, version, correlationId, fate }
      if (fate !== 'pass' && fate.kind === 'refuse')
        waits.answer = wrongAnswers.get(key)?.refuse(bodyOf(frame, from, key, version), version, fate.code) as Buffer
      this.waiting.push(waits)
      if (waits.answer === undefined) this.broker.write(framed(frame))
      else this.flush()
    }
  }

  private fromBroker(bytes: Buffer): void {
    for (const frame of this.answers.push(bytes)) {
      const correlationId = frame.readInt32BE(0)
      const waits = this.waiting.find(each => each.correlationId === correlationId && each.answer === undefined)
      if (waits === undefined) return void this.close()
      if (waits.fate !== 'pass' && waits.fate.kind === 'after') {
        waits.fate.strike()
        return void this.close()
      }
      const from = hasTags(waits.key, waits.version) ? 5 : 4
      waits.answer = frame.subarray(from)
      this.flush()
    }
  }

  /** Passes on the answers that are here, in the order of the requests. */
  private flush(): void {
    for (let next = this.waiting[0]; next?.answer !== undefined; next = this.waiting[0]) {
      this.waiting.shift()
      const { key, version, fate, correlationId } = next
      const isSpoilt = fate !== 'pass' && (fate.kind === 'spoil' || fate.kind === 'tear')
      let body = isSpoilt ? (wrongAnswers.get(key)?.spoil(next.answer, version, fate.code) as Buffer) : next.answer
      if (tellsAddresses(key)) body = withPorts(key, version, body, this.options.portOf)
      const head = Buffer.alloc(hasTags(key, version) ? 5 : 4)
      head.writeInt32BE(correlationId, 0)
      const whole = framed(Buffer.concat([head, body]))
      if (fate !== 'pass' && fate.kind === 'tear') {
        this.client.end(whole.subarray(0, whole.length >> 1), () => this.close())
        return
      }
      this.client.write(whole)
    }
  }
}

/** Whether the header of an answer has tagged fields (KIP-482); that of ApiVersions never has (KIP-511). */
const hasTags = (key: number, version: number) =>
  key !== API_VERSIONS && allApis.get(key)?.wire(version).flexible === true

/** What follows the header. */
function bodyOf(frame: Buffer, from: ByteReader, key: number, version: number): Buffer {
  from.nullableString()
  if (allApis.get(key)?.wire(version).flexible) from.skipTags()
  return frame.subarray(from.offset)
}
