import { type AdminBroker, type Api, adminCall } from './admin-call'
import { check, KafkaRefusal } from './admin-error'

const FETCH: Api = { name: 'OffsetFetch', key: 9, min: 2, max: 5, flexibleFrom: 6 }
const COMMIT: Api = { name: 'OffsetCommit', key: 8, min: 5, max: 7, flexibleFrom: 8 }
const DELETE: Api = { name: 'OffsetDelete', key: 47, min: 0, max: 0, flexibleFrom: 99 }

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata: string
}

/** Everything that a group has committed, asked of its coordinator. */
export async function readGroupOffsets(broker: AdminBroker, group: string): Promise<GroupOffset[]> {
  const perTopic = await adminCall(
    broker,
    FETCH,
    to => to.string(group).array<string>(null, () => undefined),
    (from, version) => {
      if (version >= 3) from.int32()
      const topics = from.structs(() => {
        const topic = from.string()
        return from.structs(() => {
          const partition = from.int32()
          const offset = from.int64()
          if (version >= 5) from.int32()
          const metadata = from.string()
          check(from.int16(), `read the offset of group "${group}" for ${topic}-${partition}`)
          return { topic, partition, offset, metadata }
        })
      })
      check(from.int16(), `read the offsets of group "${group}"`)
      return topics
    },
  )
  return perTopic.flat().filter(found => found.offset >= 0)
}

/** Sets offsets of a group without members. Kafka refuses it while somebody consumes. */
export async function writeGroupOffsets(
  broker: AdminBroker,
  group: string,
  offsets: readonly GroupOffset[],
): Promise<void> {
  const topics = [...new Set(offsets.map(at => at.topic))]
  await adminCall(
    broker,
    COMMIT,
    (to, version) => {
      to.string(group).int32(-1).string('')
      if (version >= 7) to.string(null)
      to.array(topics, topic => {
        const own = offsets.filter(at => at.topic === topic)
        to.string(topic).array(own, at => {
          to.int32(at.partition).int64(at.offset)
          if (version >= 6) to.int32(-1)
          to.string(at.metadata)
        })
      })
    },
    from => {
      from.int32()
      from.structs(() => {
        const topic = from.string()
        from.structs(() => {
          const partition = from.int32()
          check(from.int16(), `set the offset of group "${group}" for ${topic}-${partition}`)
        })
      })
    },
  )
}

/** Forgets a group's offsets of one topic. Returns Kafka's refusal per partition, if any. */
export function deleteGroupOffsets(
  broker: AdminBroker,
  group: string,
  topic: string,
  partitions: readonly number[],
): Promise<KafkaRefusal[]> {
  return adminCall(
    broker,
    DELETE,
    to => to.string(group).array([topic], name => to.string(name).array(partitions, partition => to.int32(partition))),
    from => {
      check(from.int16(), `delete offsets of group "${group}"`)
      from.int32()
      const refusals = from.structs(() => {
        from.string()
        return from.structs(() => {
          const partition = from.int32()
          const error = from.int16()
          const what = `delete the offset of group "${group}" for ${topic}-${partition}`
          return error === 0 ? undefined : new KafkaRefusal(error, what)
        })
      })
      return refusals.flat().filter(refusal => refusal !== undefined)
    },
  )
}
