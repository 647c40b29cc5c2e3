import { type AdminBroker, type Api, adminCall } from './admin-call'
import { check } from './admin-error'

const CREATE: Api = { name: 'CreateTopics', key: 19, min: 2, max: 4, flexibleFrom: 5 }
const DELETE: Api = { name: 'DeleteTopics', key: 20, min: 1, max: 3, flexibleFrom: 4 }
const GROW: Api = { name: 'CreatePartitions', key: 37, min: 0, max: 1, flexibleFrom: 2 }
const DELETE_GROUPS: Api = { name: 'DeleteGroups', key: 42, min: 0, max: 1, flexibleFrom: 2 }

export interface NewTopic {
  readonly name: string
  /** -1: the broker's own default, here and for `replication` (Kafka 2.4 and newer). */
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

/** Creates a topic, asked of the controller. Throws KafkaRefusal, `type` TOPIC_ALREADY_EXISTS among others. */
export async function createTopic(broker: AdminBroker, topic: NewTopic, timeoutMs: number): Promise<void> {
  await adminCall(
    broker,
    CREATE,
    to => {
      to.array([topic], ({ name, partitions, replication, config }) => {
        to.string(name).int32(partitions).int16(replication)
        to.array<never>([], () => undefined)
        to.array(Object.entries(config), ([key, value]) => to.string(key).string(value))
      })
      to.int32(timeoutMs).bool(false)
    },
    from => {
      from.int32()
      from.structs(() => {
        const name = from.string()
        const error = from.int16()
        check(error, `create topic "${name}"`, from.nullableString())
      })
    },
  )
}

/** Deletes topics, asked of the controller. */
export async function deleteTopics(broker: AdminBroker, names: readonly string[], timeoutMs: number): Promise<void> {
  await adminCall(
    broker,
    DELETE,
    to => to.array(names, name => to.string(name)).int32(timeoutMs),
    from => {
      from.int32()
      from.structs(() => {
        const name = from.string()
        check(from.int16(), `delete topic "${name}"`)
      })
    },
  )
}

/** Gives a topic `count` partitions in all. Kafka can only add them. */
export async function growTopic(broker: AdminBroker, name: string, count: number, timeoutMs: number): Promise<void> {
  await adminCall(
    broker,
    GROW,
    to => {
      to.array([name], topic =>
        to
          .string(topic)
          .int32(count)
          .array<never>(null, () => undefined),
      )
      to.int32(timeoutMs).bool(false)
    },
    from => {
      from.int32()
      from.structs(() => {
        const topic = from.string()
        const error = from.int16()
        check(error, `give topic "${topic}" ${count} partitions`, from.nullableString())
      })
    },
  )
}

/** Deletes a group and all its offsets, asked of its coordinator. */
export async function deleteGroup(broker: AdminBroker, group: string): Promise<void> {
  await adminCall(
    broker,
    DELETE_GROUPS,
    to => to.array([group], name => to.string(name)),
    from => {
      from.int32()
      from.structs(() => {
        const name = from.string()
        check(from.int16(), `delete group "${name}"`)
      })
    },
  )
}
