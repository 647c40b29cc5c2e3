import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { ANEW, forgetful, type KeptLog } from '../world/keeper'
import { AbortedTransactions } from './aborted-transactions'
import { type BatchRecord, recordsOf } from './batch-records'
import { type Marker, markerBatch, markerOf } from './build-batch'
import { type CompactionRules, compacted } from './compaction'
import { type EpochStart, LeaderEpochs } from './leader-epochs'
import { checkBatch, type LogRules } from './log-rules'
import { type ProducerState, ProducerStates } from './producer-states'
import { placed, type RecordBatch, readBatches, stamped, wholeBatches } from './record-batch'

/** What became of a Produce for one partition. */
export interface Appended {
  readonly errorCode: number
  readonly message?: string
  readonly baseOffset: number
  /** ms, where the topic takes the time of the append; else -1. */
  readonly appendTime: number
}

/** What a time is to be looked for at, as ListOffsets says it. */
export const Timestamp = { LATEST: -1, EARLIEST: -2, MAX: -3, EARLIEST_LOCAL: -4, LATEST_TIERED: -5 } as const

/** What batches that are gone would tell of a log: who has written with which sequences, and under which leaders. */
interface Snapshot {
  /** Of what lies behind it the batches tell. */
  readonly endOffset: number
  readonly producers: readonly ProducerState[]
  readonly epochs: readonly EpochStart[]
}

export interface Found {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}
const NOT_FOUND: Found = { offset: -1, timestamp: -1, leaderEpoch: -1 }

/**
 * The log of one partition, in memory: a state machine without a clock of its own. All its replicas are this one. It begins with what was
 * kept, and keeps what becomes of it. Throws an Error where that is damaged.
 */
export class PartitionLog {
  readonly producers = new ProducerStates()
  readonly epochs = new LeaderEpochs()
  private readonly aborted = new AbortedTransactions()
  private batches: RecordBatch[] = []
  private start = 0
  private end = 0
  /** Up to where the log was compacted. */
  private cleanEnd = 0
  /** Bytes of all record batches. */
  bytes = 0

  constructor(
    private readonly rules: () => LogRules,
    private readonly kept: KeptLog = forgetful.log('', 0),
  ) {
    const { startOffset, bytes, snapshot } = kept.read()
    this.start = startOffset
    this.end = startOffset
    const { batches, fault, isTorn } = wholeBatches(bytes)
    const former = snapshot as Snapshot | undefined
    // A file that somebody has cut off has other producers than the snapshot.
    const isOfMore =
      former !== undefined && former.endOffset > Math.max(startOffset, (batches.at(-1)?.lastOffset ?? -1) + 1)
    const known = isOfMore ? undefined : former
    for (const { epoch, startOffset } of known?.epochs ?? []) this.epochs.note(epoch, startOffset)
    const firstNew = batches.findIndex(({ baseOffset }) => baseOffset >= (known?.endOffset ?? 0))
    const knownCount = firstNew < 0 ? batches.length : firstNew
    this.replay(batches.slice(0, knownCount))
    if (known !== undefined) this.producers.restore(known.producers)
    this.replay(batches.slice(knownCount))
    // Who sent what was cut off had no answer; what is damaged was answered, and is not thrown away.
    if (fault !== undefined && !isTorn) throw this.damaged(fault)
    if (isTorn || isOfMore) this.keepAnew()
  }

  get startOffset(): number {
    return this.start
  }

  /** The end of the log, which every replica has: the high watermark too. */
  get endOffset(): number {
    return this.end
  }

  /** The last stable offset: where the oldest open transaction begins, else the end. */
  get stableOffset(): number {
    return Math.max(this.producers.firstOpen ?? this.end, this.start)
  }

  /** Appends what a Produce brings; nothing of it where it is refused. */
  append(records: Buffer, leaderEpoch: number, now: number): Appended {
    const batches = readBatches(records)
    if (typeof batches === 'string') return refused(ErrorCode.CORRUPT_MESSAGE, batches)
    const [batch] = batches
    if (batch === undefined || batches.length > 1)
      return refused(
        ErrorCode.INVALID_RECORD,
        `a Produce brings one record batch for a partition, not ${batches.length}`,
      )
    const rules = this.rules()
    const fault = checkBatch(batch, rules, now)
    if (fault !== undefined) return refused(fault.errorCode, fault.message)
    const verdict = this.producers.judge(batch)
    if ('refused' in verdict)
      return refused(verdict.refused, `producer ${batch.producerId}, sequence ${batch.baseSequence}`)
    const appendTime = rules.appendTime ? now : -1
    if ('sentBefore' in verdict) return { errorCode: 0, baseOffset: verdict.sentBefore.baseOffset, appendTime }
    const added = this.add(rules.appendTime ? stamped(batch, now) : batch, leaderEpoch)
    this.producers.note(added)
    return { errorCode: 0, baseOffset: added.baseOffset, appendTime }
  }

  /** Ends a producer's transaction here. */
  mark(marker: Marker, leaderEpoch: number, now: number): void {
    this.endTransaction(marker, this.add(markerBatch(marker, now), leaderEpoch))
  }

  /** Whole batches from the one with `offset` on, before `limit`; at least one where there is any, whatever its size, if `atLeastOne`. */
  read(offset: number, limit: number, maxBytes: number, atLeastOne: boolean): RecordBatch[] {
    const found: RecordBatch[] = []
    let room = maxBytes
    for (let i = this.indexOf(offset); i < this.batches.length; i++) {
      const batch = this.batches[i]
      if (batch === undefined || batch.baseOffset >= limit) break
      if (batch.bytes.length > room && !(atLeastOne && found.length === 0)) break
      found.push(batch)
      room -= batch.bytes.length
    }
    return found
  }

  abortedBetween(from: number, to: number): { readonly producerId: number; readonly firstOffset: number }[] {
    return this.aborted.between(from, to)
  }

  /** Where a time, or a place by its name, is among the records before `limit`. */
  find(timestamp: number, limit: number): Found {
    if (timestamp === Timestamp.LATEST) return { ...NOT_FOUND, offset: limit, leaderEpoch: this.epochAt(limit) }
    if (timestamp === Timestamp.EARLIEST || timestamp === Timestamp.EARLIEST_LOCAL)
      return { ...NOT_FOUND, offset: this.start, leaderEpoch: this.epochAt(this.start) }
    if (timestamp === Timestamp.MAX) return this.latestInTime(limit)
    if (timestamp < 0) return NOT_FOUND
    for (const batch of this.batches) {
      if (batch.maxTimestamp < timestamp || batch.isControl) continue
      const record = recordsOf(batch).find(each => each.timestamp >= timestamp && each.offset >= this.start)
      if (record !== undefined) return record.offset < limit ? foundAt(record, batch) : NOT_FOUND
    }
    return NOT_FOUND
  }

  /** Moves the beginning to `offset`; the batches that lie before it whole are gone. */
  truncateBefore(offset: number): void {
    if (offset <= this.start) return
    this.start = offset
    this.batches = this.batches.filter(({ lastOffset, bytes }) => {
      if (lastOffset >= offset) return true
      this.bytes -= bytes.length
      return false
    })
    this.aborted.truncate(offset)
    this.keepAnew()
  }

  /** Deletes by time and size, and compacts, as the topic's settings say. True where anything changed. */
  clean(now: number): boolean {
    const rules = this.rules()
    const before = this.bytes
    this.producers.expire(now - rules.producerExpirationMs)
    if (rules.deletes) this.truncateBefore(this.expiredBefore(rules, now))
    if (rules.compacts) this.compact({ now, tombstoneMs: rules.tombstoneMs, lagMs: rules.compactionLagMs })
    return this.bytes !== before
  }

  /** Keeps the last record of each key, and tombstones for `tombstoneMs`. */
  compact(rules: CompactionRules): void {
    const aborted = this.aborted.between(0, this.end)
    this.batches = compacted(this.batches, this.stableOffset, aborted, rules)
    this.bytes = this.batches.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.cleanEnd = this.end
    this.keepAnew()
  }

  /** Share of bytes that came since it was last compacted. */
  get dirtyRatio(): number {
    const dirty = this.batches.reduce(
      (sum, each) => sum + (each.baseOffset >= this.cleanEnd ? each.bytes.length : 0),
      0,
    )
    return this.bytes === 0 ? 0 : dirty / this.bytes
  }

  private add(batch: RecordBatch, leaderEpoch: number): RecordBatch {
    const added = placed(batch, this.end, leaderEpoch)
    this.kept.append(added.bytes)
    this.take(added)
    return added
  }

  private take(batch: RecordBatch): void {
    this.epochs.note(batch.leaderEpoch, batch.baseOffset)
    this.batches.push(batch)
    this.end = batch.lastOffset + 1
    this.bytes += batch.bytes.length
  }

  private replay(batches: readonly RecordBatch[]): void {
    for (const batch of batches) {
      // By two processes that had the folder at once.
      if (batch.lastOffset < this.end || (this.batches.length > 0 && batch.baseOffset < this.end))
        throw this.damaged(`offset ${batch.baseOffset} comes twice`)
      this.take(batch)
      if (batch.isControl) this.endTransaction(markerOf(batch), batch)
      else this.producers.note(batch)
    }
  }

  private endTransaction({ producerId, producerEpoch, committed }: Marker, { baseOffset, maxTimestamp }: RecordBatch) {
    const firstOffset = this.producers.end(producerId, producerEpoch, maxTimestamp)
    if (firstOffset !== undefined && !committed) this.aborted.add({ producerId, firstOffset, lastOffset: baseOffset })
  }

  private damaged(what: string): Error {
    const place = `${this.kept.place} is damaged at offset ${this.end}, byte ${this.bytes} of its file`
    return new Error(`${place}: ${what}; cut the file off there to go on without what follows, or ${ANEW}`)
  }

  private keepAnew(): void {
    this.kept.replace(
      this.start,
      this.batches.map(({ bytes }) => bytes),
      (): Snapshot => ({
        endOffset: this.end,
        producers: [...this.producers.all()],
        epochs: this.epochs.all(),
      }),
    )
  }

  /** Never an open transaction's records, nor the last batch. */
  private expiredBefore({ retentionMs, retentionBytes }: LogRules, now: number): number {
    let [size, expired] = [this.bytes, this.start]
    for (const { lastOffset, maxTimestamp, bytes } of this.batches.slice(0, -1)) {
      const isOld = retentionMs >= 0 && maxTimestamp < now - retentionMs
      const isOver = retentionBytes >= 0 && size - bytes.length >= retentionBytes
      if (lastOffset >= this.stableOffset || !(isOld || isOver)) break
      size -= bytes.length
      expired = lastOffset + 1
    }
    return expired
  }

  private latestInTime(limit: number): Found {
    const data = this.batches.filter(({ isControl, baseOffset }) => !isControl && baseOffset < limit)
    let last: RecordBatch | undefined
    for (const batch of data) if (last === undefined || batch.maxTimestamp > last.maxTimestamp) last = batch
    if (last === undefined) return NOT_FOUND
    const record = recordsOf(last).find(({ timestamp }) => timestamp === last.maxTimestamp)
    return record === undefined ? NOT_FOUND : foundAt(record, last)
  }

  private epochAt(offset: number): number {
    const index = Math.min(this.indexOf(offset), this.batches.length - 1)
    return this.batches[index]?.leaderEpoch ?? -1
  }

  /** Of the first batch that reaches `offset`. */
  private indexOf(offset: number): number {
    let [low, high] = [0, this.batches.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.batches[middle]?.lastOffset ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

const foundAt = ({ offset, timestamp }: BatchRecord, { leaderEpoch }: RecordBatch): Found => ({
  offset,
  timestamp,
  leaderEpoch,
})

const refused = (errorCode: number, message: string): Appended => ({
  errorCode,
  message,
  baseOffset: -1,
  appendTime: -1,
})
