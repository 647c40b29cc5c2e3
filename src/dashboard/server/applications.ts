import { createReader, EARLIEST, offsetAt, topicPartitionCounts } from '../../connectors/kafka'
import { type Log, silentLog } from '../../log'
import type { Cluster } from '../../ops/cluster'
import { Outages } from '../../outages'
import { diagnose } from '../../vitals/diagnose'
import type { Surroundings } from '../../vitals/diagnosis'
import { VitalsReader } from '../../vitals/reader'
import type { ApplicationList } from '../contract/applications'

export interface ApplicationsOptions {
  readonly cluster: Cluster
  readonly log: Log
  /** What vitals don't say. */
  readonly surroundings: () => Surroundings
}

/** From one telling to the next, ms: a worker writes a tally a second, and what is red says so soon. */
const everyMs = 500

/** All applications of the cluster with what is wrong with them, kept up to date while somebody listens or asks. */
export class Applications {
  private readonly reader: VitalsReader
  private readonly listeners = new Set<() => void>()
  private readonly timer: NodeJS.Timeout
  private starting: Promise<void> | undefined
  private isStarted = false
  private isClosed = false

  constructor(private readonly options: ApplicationsOptions) {
    const { cluster, log } = options
    // That Kafka is away is the watch's to tell.
    const quiet = { log: silentLog, outages: new Outages({ log: silentLog }) }
    this.reader = new VitalsReader({
      log,
      broker: {
        createReader: more => createReader({ ...more, ...quiet, cluster }),
        partitionCounts: topics => topicPartitionCounts(cluster, topics),
        startOffset: at => offsetAt({ cluster }, at, EARLIEST),
      },
    })
    this.timer = setInterval(() => this.tick(), everyMs)
    this.tick()
  }

  list(): ApplicationList {
    const { atMs, applications } = this.reader.model
    const surroundings = this.options.surroundings()
    return {
      applications: applications.map(application => ({
        application,
        diagnosis: diagnose(application, surroundings, atMs),
      })),
      complete: this.isStarted && this.reader.isComplete,
    }
  }

  /** Calls `listener` about twice a second: sentences have times in them. Returns what ends that. */
  onTick(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.isClosed = true
    clearInterval(this.timer)
    this.listeners.clear()
    await this.starting
    await this.reader.close()
  }

  private tick(): void {
    if (!this.isStarted) this.start()
    for (const listener of this.listeners) listener()
  }

  /** Without Kafka it is tried again. */
  private start(): void {
    this.starting ??= this.reader
      .start()
      .then(
        () => {
          this.isStarted = !this.isClosed
        },
        error => this.options.log.debug(`vitals: ${(error as Error).message}`),
      )
      .finally(() => {
        this.starting = undefined
      })
  }
}
