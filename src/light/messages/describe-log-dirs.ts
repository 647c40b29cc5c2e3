import { api, array, boolean, int16, int32, int64, nullableArray, string, struct } from './schema'

/** Sizes of partitions. */
export const describeLogDirs = api(
  { key: 35, name: 'DescribeLogDirs', versions: [1, 4], flexible: 2 },
  {
    topics: nullableArray(
      struct({
        topic: string(),
        partitions: array(int32()),
      }),
    ),
  },
  {
    throttleTimeMs: int32({ or: 0 }),
    errorCode: int16({ in: '3+', or: 0 }),
    results: array(
      struct({
        errorCode: int16(),
        logDir: string(),
        topics: array(
          struct({
            name: string(),
            partitions: array(
              struct({
                partitionIndex: int32(),
                partitionSize: int64(),
                offsetLag: int64(),
                isFutureKey: boolean(),
              }),
            ),
          }),
        ),
        totalBytes: int64({ in: '4+', or: -1 }),
        usableBytes: int64({ in: '4+', or: -1 }),
      }),
    ),
  },
)
