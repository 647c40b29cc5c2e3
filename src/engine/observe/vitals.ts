import type { Broker, TopicNeed } from '../../connectors/broker'
import type { Producer } from '../../connectors/producer'
import type { Log } from '../../log'
import { vitalsKeys, vitalsTopic } from '../../names'
import type { Tally, VitalsRecord } from '../../vitals/format'
import { everyMs, Gatherer, type GathererOptions } from './gatherer'

/** How long the last words may take, ms: nobody's stop waits longer for them. */
const lastWordsMs = 1_500
/** What somebody has to know soon is looked for so often, ms: it doesn't wait for the second to end. */
const lookMs = 200
/** After a failure nothing is written for so long, ms. */
const pauseMs = 5_000

/** One partition, since a reader wants it in order. What nobody has written anew for a week is forgotten. */
export const vitalsNeed = (application: string): TopicNeed => ({
  topic: vitalsTopic(application),
  partitions: 1,
  mayGrow: true,
  configs: {
    'cleanup.policy': 'compact,delete',
    'retention.ms': String(7 * 24 * 60 * 60 * 1000),
    'segment.bytes': String(4 * 1024 * 1024),
    'segment.ms': String(10 * 60 * 1000),
    'min.cleanable.dirty.ratio': '0.1',
    'message.timestamp.type': 'CreateTime',
  },
})

export interface VitalsOptions extends GathererOptions {
  readonly broker: Pick<Broker, 'createProducer' | 'ensureTopics' | 'partitionStates'>
  readonly log: Log
}

/**
 * Tells once a second how a worker is, by records of the application's vitals topic: beside the job and outside of its transactions. A fault that has just
 * begun or ended is told at once, at most one between two seconds. What can't be written is dropped; whatever fails here harms nothing else.
 */
export class Vitals {
  private readonly gatherer: Gatherer
  private readonly producer: Producer
  private readonly timer: NodeJS.Timeout
  private readonly looks: NodeJS.Timeout
  /** What was wrong when it was looked last, and whether that was told before the second had ended. */
  private wrong = ''
  private isEarly = false
  private isTopicThere = false
  private hasFailed = false
  private quietUntilMs = 0
  private writing: Promise<void> | undefined
  private stopping: Promise<void> | undefined

  constructor(private readonly options: VitalsOptions) {
    this.gatherer = new Gatherer(options)
    this.producer = options.broker.createProducer()
    this.timer = setInterval(() => {
      this.isEarly = false
      this.tick()
    }, everyMs)
    this.looks = setInterval(() => this.look(), lookMs)
    // No reason to keep a process alive.
    this.timer.unref()
    this.looks.unref()
  }

  /** How the worker was a second ago at most. */
  get last(): Tally {
    return this.gatherer.last
  }

  /** The last words, and no more after them. Resolves soon, whether anybody could hear them or not. */
  stop(): Promise<void> {
    this.stopping ??= this.end()
    return this.stopping
  }

  private async end(): Promise<void> {
    clearInterval(this.timer)
    clearInterval(this.looks)
    const { log } = this.options
    const said = this.sayLast().catch(error => log.debug(`vitals: the last words were not written: ${error.message}`))
    let late: NodeJS.Timeout | undefined
    const limit = new Promise<void>(resolve => {
      late = setTimeout(resolve, lastWordsMs)
    })
    await Promise.race([said, limit])
    clearTimeout(late)
  }

  private async sayLast(): Promise<void> {
    try {
      await this.writing
      await this.write(this.gatherer.gather())
    } finally {
      await this.producer.close()
    }
  }

  /** Tells what is wrong since the last look, or no more. */
  private look(): void {
    const wrong = wrongWith(this.options)
    if (wrong === this.wrong || this.isEarly) return
    this.isEarly = true
    this.tick()
  }

  /** While one is still being written, the next is left out: what can't be sent is never queued. */
  private tick(): void {
    try {
      this.wrong = wrongWith(this.options)
      const tally = this.gatherer.gather()
      if (this.writing !== undefined || this.options.clock.monotonic() < this.quietUntilMs) return
      this.writing = this.write(tally)
        .catch(error => this.failed(error))
        .finally(() => {
          this.writing = undefined
        })
    } catch (error) {
      this.failed(error as Error)
    }
  }

  private failed(error: Error): void {
    const { clock, log } = this.options
    this.quietUntilMs = clock.monotonic() + pauseMs
    const line = `vitals are not written, the job goes on: ${error.message}`
    if (this.hasFailed) log.debug(line)
    else log.warn(line)
    this.hasFailed = true
  }

  private async write(tally: Tally): Promise<void> {
    const { broker, topology } = this.options
    const { application, worker, atMs } = tally
    const records: [string, VitalsRecord][] = [[vitalsKeys.tally(worker), tally]]
    const samples = this.gatherer.samples()
    if (samples !== undefined) records.push([vitalsKeys.samples(worker), samples])
    if (!this.isTopicThere) {
      await broker.ensureTopics([vitalsNeed(application)])
      records.unshift([vitalsKeys.topology, topology])
    }
    const encoded = records.map(([key, value]) => ({
      ...{ key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)), timestamp: atMs },
    }))
    await this.producer.send(vitalsTopic(application), 0, encoded)
    this.isTopicThere = true
    this.hasFailed = false
  }
}

/** What is wrong with a worker now, to be compared with what was: its state, services that are away, ends that fail, steps that failed. */
function wrongWith({ worker, outages }: Pick<VitalsOptions, 'worker' | 'outages'>): string {
  const { ends, faults } = worker.tally
  const failing = [...ends].flatMap(([kind, { failure }]) => (failure === undefined ? [] : kind))
  const failed = [...faults].map(([step, { count }]) => `${step} ${count}`)
  return [worker.state, ...outages.away.map(({ service }) => service), ...failing, ...failed].join('\n')
}
