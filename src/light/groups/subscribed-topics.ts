import { ByteReader } from '../../connectors/kafka/protocol/byte-reader'

/** The topics that a consumer's metadata names (ConsumerProtocolSubscription); none where it is something else. */
export function subscribedTopics(metadata: Buffer): string[] {
  try {
    const from = new ByteReader(metadata)
    from.skip('version', 'int16')
    return from.array(() => from.string())
  } catch {
    return []
  }
}
