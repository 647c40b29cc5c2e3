import { type AdminBroker, type Api, adminCall } from './admin-call'

const DESCRIBE: Api = { name: 'DescribeLogDirs', key: 35, min: 0, max: 1, flexibleFrom: 2 }

export interface ReplicaSize {
  readonly topic: string
  readonly partition: number
  /** Of the segments on this broker's disk. */
  readonly bytes: number
}

/** Sizes on this broker's disks; `partitions` null for all. A directory in trouble is left out. */
export async function readLogDirs(
  broker: AdminBroker,
  partitions: ReadonlyMap<string, readonly number[]> | null,
): Promise<ReplicaSize[]> {
  const directories = await adminCall(
    broker,
    DESCRIBE,
    to => {
      const wanted = partitions === null ? null : [...partitions]
      to.array(wanted, ([topic, list]) => to.string(topic).array(list, partition => to.int32(partition)))
    },
    from => {
      from.int32()
      return from.structs(() => {
        from.int16()
        from.string()
        const topics = from.structs(() => {
          const topic = from.string()
          return from.structs(() => {
            const size = { topic, partition: from.int32(), bytes: from.int64() }
            from.int64()
            // A future replica is one that is being moved between directories: the current one counts.
            return { ...size, moving: from.bool() }
          })
        })
        return topics.flat().filter(size => !size.moving)
      })
    },
  )
  return directories.flat()
}
