import { ByteReader } from '../../../../src/connectors/kafka/protocol/byte-reader'
import { ByteWriter } from '../../../../src/connectors/kafka/protocol/byte-writer'
import { describeCluster } from '../../../../src/light/messages/describe-cluster'
import type { Wire } from '../../../../src/light/messages/fields'
import { findCoordinator } from '../../../../src/light/messages/find-coordinator'
import { metadata } from '../../../../src/light/messages/metadata'

interface Response {
  read(from: ByteReader, wire: Wire): unknown
  write(to: ByteWriter, value: never, wire: Wire): void
}
interface Telling {
  readonly key: number
  readonly response: Response
  wire(version: number): Wire
}

/** The APIs whose answers say where nodes are. */
const telling: ReadonlyMap<number, Telling> = new Map(
  [metadata, findCoordinator, describeCluster].map(each => [each.key, each as unknown as Telling]),
)

export const tellsAddresses = (key: number): boolean => telling.has(key)

/** The answer with other ports of its nodes: `portOf` says which. */
export function withPorts(key: number, version: number, body: Buffer, portOf: (port: number) => number): Buffer {
  const api = telling.get(key)
  if (api === undefined) return body
  const wire = api.wire(version)
  const to = new ByteWriter(body.length + 16)
  api.response.write(to, moved(api.response.read(new ByteReader(body), wire), portOf) as never, wire)
  return to.buffer
}

function moved(value: unknown, portOf: (port: number) => number): unknown {
  if (Array.isArray(value)) return value.map(each => moved(each, portOf))
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'port' && typeof each === 'number' ? portOf(each) : moved(each, portOf),
    ]),
  )
}
