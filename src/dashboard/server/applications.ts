import { createReader, EARLIEST, offsetAt, topicPartitionCounts } from '../../connectors/kafka'
import { type Log, silentLog } from '../../log'
import type { Cluster } from '../../ops/cluster'
import { Outages } from '../../outages'
import { diagnose } from '../../vitals/diagnose'
import type { Surroundings } from '../../vitals/diagnosis'
import { findingKey } from '../../vitals/finding-key'
import type { Application } from '../../vitals/model'
import { VitalsReader } from '../../vitals/reader'
import type { ApplicationHistory, ApplicationList, ToldNode, ToldWorker, WholeState } from '../contract/applications'
import { ApplicationHistories } from './application-history'

export interface ApplicationsOptions {
  readonly cluster: Cluster
  readonly log: Log
  /** What is known about applications beside their vitals. */
  readonly surroundings: () => Surroundings
}

/** How often listeners are called, ms: a worker writes a tally a second, one of a fault at once, and it should be seen soon after. */
const everyMs = 250

/** What all pages are sent of an application, as JSON. */
export interface Telling {
  readonly name: string
  /** Without its topology. */
  readonly state: string
  /** Changes seldom, so each page is sent it once; undefined: not known. */
  readonly topology: string | undefined
}

/** All applications at one moment, diagnosed once for all who ask, and written as JSON once for all pages. */
interface Look extends ApplicationList {
  tellings: readonly Telling[] | undefined
  faults: string | undefined
}

/** All applications of the cluster with what is wrong with them, kept up to date while somebody listens or asks. */
export class Applications {
  private readonly histories = new ApplicationHistories()
  /** Undefined: nobody has asked since the last tick. */
  private look: Look | undefined
  private readonly reader: VitalsReader
  private readonly listeners = new Set<() => void>()
  private readonly timer: NodeJS.Timeout
  private starting: Promise<void> | undefined
  private isStarted = false
  private isClosed = false

  constructor(private readonly options: ApplicationsOptions) {
    const { cluster, log } = options
    // An outage of Kafka is reported by the watch.
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
    return this.now()
  }

  find(name: string): Application | undefined {
    return this.now().applications.find(({ application }) => application.name === name)?.application
  }

  /** What pages are sent: the same texts for all of them, until the next tick. */
  tellings(): { readonly complete: boolean; readonly tellings: readonly Telling[] } {
    const look = this.now()
    look.tellings ??= look.applications.map(tellingOf)
    return { complete: look.complete, tellings: look.tellings }
  }

  /** Another text whenever something else is wrong with one of them: what is known then is told before its turn. */
  faults(): string {
    const look = this.now()
    look.faults ??= look.applications.map(faultsOf).join('\n')
    return look.faults
  }

  /** The last minutes of an application. */
  historyOf(name: string): ApplicationHistory {
    return this.histories.of(name)
  }

  /** Calls `listener` about four times a second, also without news, since sentences contain times. Returns a function that ends it. */
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

  private now(): Look {
    if (this.look !== undefined) return this.look
    const { atMs, applications } = this.reader.model
    const surroundings = this.options.surroundings()
    this.look = {
      applications: applications.map(application => ({
        application,
        diagnosis: diagnose(application, surroundings, atMs),
      })),
      complete: this.isStarted && this.reader.isComplete,
      tellings: undefined,
      faults: undefined,
    }
    return this.look
  }

  private tick(): void {
    this.look = undefined
    if (!this.isStarted) this.start()
    else if (this.histories.isDue(performance.now()))
      this.histories.note(
        this.now().applications.map(({ application }) => application),
        performance.now(),
      )
    for (const listener of this.listeners) listener()
  }

  /** Tries again while Kafka is away. */
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

const faultsOf = ({ application: { name }, diagnosis: { findings } }: WholeState): string =>
  [name, ...findings.map(finding => `${finding.colour} ${findingKey(finding)}`)].join('\n')

function tellingOf({ application, diagnosis }: WholeState): Telling {
  const { topology, workers, nodes, ...rest } = application
  const told = { ...rest, workers: workers.map(toldWorker), nodes: nodes.map(toldNode) }
  return {
    name: application.name,
    state: JSON.stringify({ application: told, diagnosis }),
    topology: topology && JSON.stringify(topology),
  }
}

function toldWorker({ tally, ...rest }: Application['workers'][number]): ToldWorker {
  const { tasks: _tasks, nodes: _nodes, ends: _ends, ...own } = tally
  return { ...rest, tally: own }
}

function toldNode({ recordsIn: _in, recordsOut: _out, ...rest }: Application['nodes'][number]): ToldNode {
  return rest
}
