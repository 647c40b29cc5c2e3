import { createCluster, ErrorCode, type KafkaConfig } from '../../../src/connectors/kafka'
import type { Api } from '../../../src/connectors/kafka/protocol/api'

/** What a transaction does, from outside: each step tries until the broker takes it. */
export interface Steps {
  write(): Promise<void>
  end(): Promise<void>
}

/** Makes a transaction whose markers reach nobody. */
export type Hang = (config: KafkaConfig, transactionalId: string, steps: Steps) => Promise<void>

/**
 * Apache's broker loses a marker only where partitions have no leader at the very moment. But one that doesn't verify takes what comes after a
 * transaction's end, and there it hangs as one without a marker does.
 */
const lateWrites: Hang = async (config, _, { write, end }) => {
  const cluster = createCluster(config)
  try {
    await end()
    const verify = async (isOn: boolean) =>
      expect(await cluster.send(await cluster.controller(), verification(isOn))).toBe(ErrorCode.NONE)
    await verify(false)
    await write()
    await verify(true)
  } finally {
    await cluster.disconnect()
  }
}

let way = lateWrites
/** Whether markers get lost indeed: nobody writes anything after one. */
export let losesMarkers = false
export const hang: Hang = (...args) => way(...args)
/** Another broker loses markers in another way. */
export function hangBy(other: Hang): void {
  way = other
  losesMarkers = true
}

/** IncrementalAlterConfigs v0 of all brokers: whether they ask the coordinator about each batch of a transaction (KIP-890). */
function verification(isOn: boolean): Api<number> {
  const [broker, set] = [4, 0]
  return {
    key: 44,
    version: 0,
    name: 'IncrementalAlterConfigs',
    write: to => {
      to.int32(1).int8(broker).string('').int32(1)
      to.string('transaction.partition.verification.enable').int8(set).string(String(isOn)).boolean(false)
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      return from.array(() => {
        const errorCode = from.int16()
        from.skip('errorMessage', 'nullableString')
        from.skip('resourceType', 'int8')
        from.skip('resourceName', 'string')
        return errorCode
      })[0]!
    },
  }
}
