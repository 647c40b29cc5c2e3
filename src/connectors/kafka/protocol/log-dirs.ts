import type { Api } from './api'

export interface ReplicaSize {
  readonly topic: string
  readonly partition: number
  /** Of the segments on this broker's disk. */
  readonly bytes: number
}

/** As the length of the list. */
const ALL = -1

/** DescribeLogDirs v1: sizes on one broker's disks; null for all partitions. A directory in trouble is left out. */
export function logDirs(partitions: ReadonlyMap<string, readonly number[]> | null): Api<ReplicaSize[]> {
  return {
    key: 35,
    version: 1,
    name: 'DescribeLogDirs',
    write: to => {
      if (partitions === null) to.int32(ALL)
      else to.array([...partitions], ([topic, list]) => to.string(topic).array(list, each => to.int32(each)))
    },
    read: from => {
      from.skip('throttleTimeMs', 'int32')
      const directories = from.array(() => {
        from.skip('errorCode', 'int16')
        from.skip('logDir', 'string')
        const perTopic = from.array(() => {
          const topic = from.string()
          return from.array(() => {
            const size = { topic, partition: from.int32(), bytes: from.int64() }
            from.skip('offsetLag', 'int64')
            // A future replica is being moved between directories: the current one counts.
            return { ...size, future: from.boolean() }
          })
        })
        return perTopic.flat().filter(size => !size.future)
      })
      return directories.flat()
    },
  }
}
