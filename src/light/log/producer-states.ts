import { ErrorCode } from '../../connectors/kafka/protocol/error-codes'
import { nextSequence } from '../../connectors/kafka/protocol/record-batch-encoder'
import type { RecordBatch } from './record-batch'

/** As many of a producer's last batches are known again when they are sent once more: what may be in flight at once. */
const KEPT_BATCHES = 5
const NO_SEQUENCE = -1

interface AppendedBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly timestamp: number
}

/** What a partition knows of one producer id. */
export interface ProducerState {
  readonly producerId: number
  epoch: number
  /** The oldest first. */
  batches: AppendedBatch[]
  lastTimestamp: number
  /** Where its open transaction began here; undefined without one. */
  openSince: number | undefined
  /** Epoch of the coordinator that wrote the last marker; -1 without one. */
  coordinatorEpoch: number
}

/** What is to be done with a batch: append it, or answer as when it was first sent, or refuse it. */
export type Verdict = { readonly append: true } | { readonly sentBefore: AppendedBatch } | { readonly refused: number }

/** The producers of one partition: their epochs, sequences and open transactions (KIP-98). */
export class ProducerStates {
  private readonly states = new Map<number, ProducerState>()

  /** In the order in which they first wrote. */
  all(): IterableIterator<ProducerState> {
    return this.states.values()
  }

  /** These in the place of all that are known. */
  restore(states: readonly ProducerState[]): void {
    this.states.clear()
    for (const state of states) this.states.set(state.producerId, { ...state, openSince: state.openSince })
  }

  get(producerId: number): ProducerState | undefined {
    return this.states.get(producerId)
  }

  /** Where the oldest open transaction begins; undefined without one. */
  get firstOpen(): number | undefined {
    let first: number | undefined
    for (const { openSince } of this.states.values())
      if (openSince !== undefined && (first === undefined || openSince < first)) first = openSince
    return first
  }

  judge(batch: RecordBatch): Verdict {
    const state = this.states.get(batch.producerId)
    if (batch.producerId < 0 || state === undefined) return { append: true }
    if (batch.producerEpoch < state.epoch) return { refused: ErrorCode.INVALID_PRODUCER_EPOCH }
    const lastSequence = sequenceAfter(batch)
    if (batch.producerEpoch === state.epoch) {
      const known = state.batches.find(
        each => each.firstSequence === batch.baseSequence && each.lastSequence === lastSequence,
      )
      if (known !== undefined) return { sentBefore: known }
    }
    const last = batch.producerEpoch > state.epoch ? NO_SEQUENCE : (state.batches.at(-1)?.lastSequence ?? NO_SEQUENCE)
    const next = last === NO_SEQUENCE ? 0 : nextSequence(last, 1)
    return batch.baseSequence === next ? { append: true } : { refused: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER }
  }

  /** Notes a batch that was appended. */
  note(batch: RecordBatch): void {
    if (batch.producerId < 0) return
    const state = this.stateOf(batch.producerId, batch.producerEpoch)
    state.lastTimestamp = batch.maxTimestamp
    const { baseSequence: firstSequence, baseOffset, lastOffset, maxTimestamp: timestamp } = batch
    state.batches.push({ firstSequence, lastSequence: sequenceAfter(batch), baseOffset, lastOffset, timestamp })
    if (state.batches.length > KEPT_BATCHES) state.batches.shift()
    if (batch.isTransactional) state.openSince ??= baseOffset
  }

  /** Notes a marker, and returns where the transaction that it ends began; undefined where none was open here. */
  end(producerId: number, producerEpoch: number, timestamp: number): number | undefined {
    const state = this.stateOf(producerId, producerEpoch)
    const began = state.openSince
    state.openSince = undefined
    state.lastTimestamp = timestamp
    state.coordinatorEpoch = 0
    return began
  }

  /** Forgets who has written nothing since `before`, unless a transaction is open. */
  expire(before: number): void {
    for (const [id, { lastTimestamp, openSince }] of this.states)
      if (openSince === undefined && lastTimestamp < before) this.states.delete(id)
  }

  /** A new epoch begins with sequence 0. */
  private stateOf(producerId: number, epoch: number): ProducerState {
    let state = this.states.get(producerId)
    if (state === undefined) {
      state = { producerId, epoch, batches: [], lastTimestamp: -1, openSince: undefined, coordinatorEpoch: -1 }
      this.states.set(producerId, state)
    }
    if (epoch > state.epoch) {
      state.epoch = epoch
      state.batches = []
    }
    return state
  }
}

/** A compacted batch has fewer records than offsets. */
const sequenceAfter = ({ baseSequence, baseOffset, lastOffset }: RecordBatch) =>
  nextSequence(baseSequence, lastOffset - baseOffset)
