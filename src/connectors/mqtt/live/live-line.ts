import { setTimeout as sleep } from 'node:timers/promises'
import { ContentError, FencedError, UnavailableError } from '../../../errors'
import type { Log } from '../../../log'
import type { Outages } from '../../../outages'
import type { Sink, SinkTask } from '../../sink'
import type { FrameChunk } from '../frame-encoder'
import { GrowingPause } from '../growing-pause'
import { service } from '../mqtt-client'
import type { MqttTarget } from '../mqtt-target'
import { chunksOf, LatestFrames, type Taken } from './latest-frames'

export interface LiveLineOptions {
  readonly task: SinkTask
  /** Of this task alone. */
  readonly sink: Sink
  readonly log: Log
  readonly outages: Outages
}

/** What is sent before the broker has to prove that it has it, bytes: it bounds what a slow broker holds of what is old already. */
const batchBytes = 64 * 1024
const firstPauseMs = 250
const longestPauseMs = 5_000
/** How long a task that leaves waits for the broker to take what is still there, ms. */
const partingMs = 250

/** One task's way to the broker that nobody waits for: sends the newest of each topic as fast as the broker takes it. */
export class LiveLine {
  /** Set once another owner of the task was proven. */
  fenced: FencedError | undefined
  private readonly latest = new LatestFrames()
  private readonly over = new AbortController()
  private readonly running: Promise<void>
  private isOpen = false
  private isLeaving = false
  private wake: () => void = () => undefined
  private lastFault = ''
  /** Frames in a batch: few while one is searched that the broker refuses. */
  private mostFrames = Number.POSITIVE_INFINITY

  constructor(private readonly options: LiveLineOptions) {
    this.running = this.run()
  }

  offer(target: MqttTarget, chunk: FrameChunk): void {
    this.latest.offer(target, chunk)
    this.wake()
  }

  /** Sends what is there, where that takes no longer than a moment, and leaves. */
  async leave(): Promise<void> {
    const { sink, task } = this.options
    this.isLeaving = true
    this.wake()
    const late = setTimeout(
      () => {
        this.over.abort()
        this.wake()
        // Ends what is waited for.
        void sink.release([task.task])
      },
      this.isOpen ? partingMs : 0,
    )
    await this.running
    clearTimeout(late)
    await sink.release([task.task])
    await sink.close()
  }

  private async run(): Promise<void> {
    const { signal } = this.over
    const pause = new GrowingPause(firstPauseMs, longestPauseMs)
    while (!this.isOver) {
      try {
        if (!this.isOpen) await this.open()
        if (this.latest.size === 0) await this.more()
        else await this.send(this.latest.take(batchBytes, this.mostFrames))
        pause.reset()
      } catch (error) {
        this.note(error as Error)
        if (this.isLeaving) return
        // What is refused is searched for at once: it ends after a few attempts.
        const pauseMs = error instanceof ContentError ? 0 : pause.next()
        await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }

  private get isOver(): boolean {
    return this.over.signal.aborted || this.fenced !== undefined || (this.isLeaving && this.latest.size === 0)
  }

  private async open(): Promise<void> {
    const { sink, task } = this.options
    await sink.open([task])
    this.isOpen = true
  }

  private async send(taken: Taken): Promise<void> {
    const { sink, task } = this.options
    try {
      await Promise.all([...chunksOf(taken)].map(([target, chunk]) => sink.write(task.task, target, chunk)))
      await sink.commit([])
      this.mostFrames *= 2
    } catch (error) {
      this.isOpen = false
      const isRefused = error instanceof ContentError
      // What the broker refuses for what it is would be refused again, but its neighbours wouldn't: fewer are tried until it stands alone.
      if (isRefused) this.mostFrames = Math.max(1, taken.size >> 1)
      if (!isRefused || taken.size > 1) this.latest.putBack(taken)
      else for (const { target } of taken.values()) target.live?.skip()
      await sink.abort()
      throw error
    }
  }

  /** Resolves when there is something to send, or nothing ever more. */
  private more(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve
      if (this.isOver) resolve()
    })
  }

  private note(error: Error): void {
    const { log, outages } = this.options
    if (this.over.signal.aborted) return
    if (error instanceof FencedError) this.fenced = error
    else if (error instanceof UnavailableError) outages.lost(service, error)
    else if (error.message !== this.lastFault) log.warn(error.message)
    this.lastFault = error.message
  }
}
