import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from '../protocol/api'
import { cureOf, ErrorCode, isPassing } from '../protocol/error-codes'
import type { CoordinatorKind } from '../protocol/find-coordinator'
import type { Cluster, Lane } from './cluster'
import { ConnectionError, KafkaError } from './kafka-errors'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 500
/** The markers of the last transaction are being written: a matter of milliseconds. */
const CONCURRENT_PAUSE_MS = 5

export interface CallOptions {
  /** Time (ms, monotonic) after which no retry starts. */
  readonly deadline: number
  /** Called with each connection lost after the request was written. */
  readonly onLost?: () => void
}

/** One error code of an answer, and which partition it is about. */
export interface Answered {
  readonly errorCode: number
  readonly topic?: string
  readonly partition?: number
}

/** Requests to the coordinator of one group or transactional id, repeated while it moves, loads or is out of reach. */
export class CoordinatorClient {
  constructor(
    private readonly cluster: Cluster,
    private readonly kind: CoordinatorKind,
    private readonly key: string,
    private readonly lane: Lane,
  ) {}

  /** Throws KafkaError on a code that a retry can't cure, ConnectionError or the last code after the deadline. */
  async call<T>(api: Api<T>, errorsOf: (answer: T) => readonly Answered[], options: CallOptions): Promise<T> {
    let pause = FIRST_PAUSE_MS
    while (true) {
      let failure: Error
      let wait = pause
      try {
        const answer = await this.cluster.send(await this.node(), api, this.lane)
        const refused = worst(errorsOf(answer))
        if (refused === undefined) return answer
        const { errorCode: code, topic, partition } = refused
        const at = topic === undefined ? '' : `, ${topic}-${partition}`
        failure = new KafkaError(code, `${api.name} for ${this.kind} ${this.key}${at}`)
        if (code === ErrorCode.CONCURRENT_TRANSACTIONS) wait = CONCURRENT_PAUSE_MS
        else if (cureOf(code) === 'coordinator') this.cluster.forgetCoordinator(this.kind, this.key)
        else if (!isPassing(code)) throw failure
      } catch (error) {
        if (error instanceof ConnectionError) {
          if (error.sent) options.onLost?.()
          this.cluster.forgetCoordinator(this.kind, this.key)
        } else if (!(error instanceof KafkaError && error.retriable)) throw error
        failure = error
      }
      if (performance.now() + wait > options.deadline) throw failure
      await sleep(wait)
      if (wait === pause) pause = Math.min(pause * 2, LAST_PAUSE_MS)
    }
  }

  private node(): Promise<number> {
    return this.cluster.coordinator(this.kind, this.key)
  }
}

/** One partition's error makes the broker refuse the others as not attempted: the former is the one that tells. */
function worst(answers: readonly Answered[]): Answered | undefined {
  let found: Answered | undefined
  for (const each of answers) {
    if (each.errorCode === ErrorCode.NONE) continue
    if (found === undefined || found.errorCode === ErrorCode.OPERATION_NOT_ATTEMPTED) found = each
  }
  return found
}
