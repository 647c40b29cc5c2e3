import type { DecoderCache } from '../decoder-cache'
import type { Frames } from '../live/feed'
import type { Reach } from '../reach'
import { TopicSizes } from '../topic-sizes'
import { clusterCalls } from './cluster-calls'
import { deadLetterCalls } from './dead-letter-calls'
import { fleetCalls } from './fleet-calls'
import { groupCalls } from './group-calls'
import type { Handlers } from './handlers'
import { messageCalls } from './message-calls'
import { schemaCalls } from './schema-calls'
import { storeCalls } from './store-calls'
import { topicCalls } from './topic-calls'

/** Every route's function. */
export function allCalls(reach: Reach, decoders: DecoderCache, frames: Frames): Handlers {
  const sizes = new TopicSizes(reach.cluster)
  return {
    ...clusterCalls(reach, { sizes, frames: Object.keys(frames) }),
    ...topicCalls(reach, sizes),
    ...messageCalls(reach, decoders),
    ...groupCalls(reach),
    ...fleetCalls(reach),
    ...schemaCalls(reach),
    ...deadLetterCalls(reach, decoders),
    ...storeCalls(reach, decoders),
  }
}
