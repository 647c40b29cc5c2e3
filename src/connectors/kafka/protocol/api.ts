import type { ByteReader } from './byte-reader'
import type { ByteWriter } from './byte-writer'

/** One request of Kafka's protocol at one version (kafka.apache.org/protocol), and how to read its answer. */
export interface Api<T> {
  readonly key: number
  readonly version: number
  readonly name: string
  /** Flexible versions (KIP-482) carry tagged fields, in the headers too. */
  readonly flexible?: boolean
  /** False for a Produce with acks 0: the broker sends nothing back. */
  readonly answered?: boolean
  /** How long the broker may hold the answer back by itself (ms), on top of the request timeout. */
  readonly holdMs?: number
  /** Room to reserve for the body, where it is known to be large. */
  readonly sizeHint?: number
  write(to: ByteWriter): void
  read(from: ByteReader): T
}
