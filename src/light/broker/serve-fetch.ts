import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import type { Partition } from '../cluster/partition'
import { fetch } from '../messages/fetch'
import type { RequestOf, ResponseOf } from '../messages/schema'
import { ledPartition } from './led-partition'
import { type Call, serveLater } from './serve'

const READ_COMMITTED = 1
/** From here on topics are named by their ids (KIP-516). */
const BY_ID = 13
/** None is kept: each request says all that it wants, as KIP-227 has it for a broker without room for sessions. */
const NO_SESSION = 0

type Request = RequestOf<typeof fetch>
type Response = ResponseOf<typeof fetch>
type TopicPart = Response['responses'][number]
type PartitionPart = TopicPart['partitions'][number]
type Wanted = Request['topics'][number]['partitions'][number]

/** Waits for `minBytes` until `maxWaitMs` are over, unless there is something to be told at once. */
export const serveFetch = serveLater(fetch, (request, call, reply) => {
  if (request.sessionId !== NO_SESSION) return reply({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] })
  const first = read(request, call)
  if (isEnough(first, request) || request.maxWaitMs <= 0) return reply(first.response)
  let isDone = false
  const finish = (response: Response) => {
    if (isDone) return
    isDone = true
    for (const end of endings) end()
    reply(response)
  }
  const again = () => {
    if (!isWorthReading(request, call)) return
    const answer = read(request, call)
    if (isEnough(answer, request)) finish(answer.response)
  }
  const endings = first.partitions.map(partition => partition.watch(again))
  endings.push(call.cluster.clock.after(request.maxWaitMs, () => finish(read(request, call).response)))
})

interface Answer {
  readonly response: Response
  readonly partitions: readonly Partition[]
  readonly bytes: number
  readonly hasError: boolean
}

const isEnough = ({ bytes, hasError }: Answer, { minBytes }: Request) => hasError || bytes >= minBytes

/** Whether any partition has records to give, or an error: a change is seldom about what a waiting fetch can have. */
function isWorthReading(request: Request, call: Call): boolean {
  return request.topics.some(wanted =>
    wanted.partitions.some(each => {
      const found = partitionOf(wanted, each, call)
      if (typeof found === 'number') return true
      const { startOffset, endOffset } = found.log
      return (
        each.fetchOffset < limitOf(found, request) || each.fetchOffset < startOffset || each.fetchOffset > endOffset
      )
    }),
  )
}

/** The partition, where the node may read from it, else the error code. */
function partitionOf(wanted: Request['topics'][number], each: Wanted, call: Call): Partition | number {
  const { topics } = call.cluster
  const isById = call.version >= BY_ID
  const topic = isById ? topics.withId(wanted.topicId) : topics.get(wanted.topic)
  if (topic === undefined && isById) return ErrorCode.UNKNOWN_TOPIC_ID
  return ledPartition(topic, each.partition, call, each.currentLeaderEpoch)
}

/** The end of what may be read. */
const limitOf = ({ log }: Partition, { isolationLevel }: Request) =>
  isolationLevel === READ_COMMITTED ? log.stableOffset : log.endOffset

/** Everything that is there now, in the order that was asked for, up to the sizes that were. */
function read(request: Request, call: Call): Answer {
  const partitions: Partition[] = []
  let [bytes, hasError] = [0, request.topics.length === 0]
  const responses = request.topics.map(wanted => {
    const parts = wanted.partitions.map((each): PartitionPart => {
      const found = partitionOf(wanted, each, call)
      const part = typeof found === 'number' ? failed(each.partition, found) : partOf(found, each, request, bytes)
      if (typeof found !== 'number') partitions.push(found)
      if (part.errorCode !== 0) hasError = true
      bytes += part.records?.length ?? 0
      return part
    })
    return { topic: wanted.topic, topicId: wanted.topicId, partitions: parts }
  })
  return { response: { responses }, partitions, bytes, hasError }
}

function partOf(from: Partition, wanted: Wanted, request: Request, bytesBefore: number): PartitionPart {
  const { log } = from
  const { partition, fetchOffset, partitionMaxBytes } = wanted
  const { startOffset: logStartOffset, endOffset: highWatermark, stableOffset: lastStableOffset } = log
  if (fetchOffset < logStartOffset || fetchOffset > highWatermark)
    return {
      ...failed(partition, ErrorCode.OFFSET_OUT_OF_RANGE),
      highWatermark,
      lastStableOffset,
      logStartOffset,
    }
  const isCommitted = request.isolationLevel === READ_COMMITTED
  const room = Math.min(partitionMaxBytes, request.maxBytes - bytesBefore)
  const batches = log.read(fetchOffset, limitOf(from, request), room, bytesBefore === 0)
  const next = (batches.at(-1)?.lastOffset ?? fetchOffset) + 1
  return {
    partitionIndex: partition,
    errorCode: 0,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    abortedTransactions: isCommitted ? log.abortedBetween(fetchOffset, next) : null,
    records: joined(batches),
  }
}

const NO_BYTES = Buffer.alloc(0)

/** Most who wait have nothing to read, or one batch. */
function joined(batches: readonly { readonly bytes: Buffer }[]): Buffer {
  const [first] = batches
  if (first === undefined) return NO_BYTES
  return batches.length === 1 ? first.bytes : Buffer.concat(batches.map(({ bytes }) => bytes))
}

const failed = (partitionIndex: number, errorCode: number): PartitionPart => ({
  partitionIndex,
  errorCode,
  highWatermark: -1,
  abortedTransactions: [],
  records: NO_BYTES,
})
