import { UnavailableError } from '../../../errors'
import { AdminReader } from './admin-reader'
import { AdminWriter } from './admin-writer'

/** What a request needs of a connected kafkajs broker: its address, its versions and a road to it. */
export interface AdminBroker {
  readonly nodeId: number | null
  readonly brokerAddress: string
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null
  readonly connectionPool: {
    send<T>(call: { request: object; response: object; requestTimeout?: number; logResponseError: boolean }): Promise<T>
  }
}

/** One of Kafka's APIs, as far as weir speaks it. */
export interface Api {
  readonly name: string
  readonly key: number
  /** The versions that our reading and writing covers. */
  readonly min: number
  readonly max: number
  /** The first flexible version (KIP-482). */
  readonly flexibleFrom: number
}

/** The newest version that both sides speak; undefined when there is none. */
export function versionOf(broker: AdminBroker, api: Api): number | undefined {
  const theirs = broker.versions?.[api.key]
  if (theirs === undefined) return undefined
  const version = Math.min(api.max, theirs.maxVersion)
  return version >= Math.max(api.min, theirs.minVersion) ? version : undefined
}

/**
 * Sends one request over kafkajs's own connection (its framing, TLS and SASL) and reads the answer.
 * Throws UnavailableError for a broker that does not know the API.
 */
export async function adminCall<T>(
  broker: AdminBroker,
  api: Api,
  write: (to: AdminWriter, version: number) => void,
  read: (from: AdminReader, version: number) => T,
): Promise<T> {
  const version = versionOf(broker, api)
  if (version === undefined) {
    throw new UnavailableError(
      `broker ${broker.brokerAddress} does not offer ${api.name} (versions ${api.min}-${api.max})`,
    )
  }
  const flexible = version >= api.flexibleFrom
  const encode = async () => {
    const writer = new AdminWriter(flexible)
    write(writer, version)
    const bytes = writer.bytes()
    return { buf: bytes, buffer: bytes }
  }
  return broker.connectionPool.send<T>({
    request: { apiKey: api.key, apiVersion: version, apiName: api.name, encode },
    response: {
      decode: async (payload: Buffer) => ({ value: read(new AdminReader(payload, flexible), version) }),
      parse: async (decoded: { value: T }) => decoded.value,
    },
    logResponseError: false,
  })
}
