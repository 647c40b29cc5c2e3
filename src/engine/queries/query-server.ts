import type { Broker } from '../../connectors/broker'
import { type Request, Responder } from '../../connectors/requests/responder'
import { NotFoundError, UsageError } from '../../errors'
import type { Log } from '../../log'
import { queriesTopic, repliesTopic } from '../../names'
import { entryOf } from '../../required'
import { Journal } from '../../state/journal'
import { canBeAsked, sealedEntries } from '../../state/sealed-view'
import type { Store } from '../../state/store'
import { type Plan, taskId } from '../plan/plan'
import type { Clock } from '../task/clock'
import type { Task } from '../task/task'
import { type Answer, decodeQuestion, encodeAnswer, type Question } from './question'
import { type StorePlace, storePlaces } from './store-places'

export interface QueryServerOptions {
  readonly plan: Plan
  readonly broker: Pick<Broker, 'createReader' | 'createProducer' | 'offsetSince' | 'partitionCounts'>
  readonly clock: Clock
  readonly log: Log
  readonly worker: string
  readonly globals: ReadonlyMap<string, Store>
}

/** A task that can be asked. */
interface Asked {
  readonly task: Task
}

/** Global tables hold what their topics hold: nothing in them waits for a commit. */
const nothingUnsealed = new Journal()

/**
 * Answers questions about the stores of the tasks that this worker owns, between two slices of the processing loop and beside
 * everything that it does: questions move no stream time, no offset and no choice of the next record, and see sealed state only.
 */
export class QueryServer {
  private readonly places: ReadonlyMap<string, StorePlace>
  private responder: Responder | undefined
  private tasks: ReadonlyMap<string, Asked> = new Map()

  constructor(private readonly options: QueryServerOptions) {
    this.places = storePlaces(options.plan)
  }

  /** Answers for these tasks from now on, and for no others. */
  serve(tasks: ReadonlyMap<string, Asked>): void {
    this.tasks = tasks
    if (this.places.size === 0) return
    const { plan, broker, clock, log, globals } = this.options
    const { name, queries } = plan.topology
    const topic = queriesTopic(name)
    const replyTopics = [repliesTopic(name), ...(queries?.replyTopics ?? [])]
    this.responder ??= new Responder({
      ...{ broker, topic, replyTopics, log },
      nowMs: () => clock.now(),
      handle: request => this.handle(request),
    })
    const asked = [...tasks.values()].filter(({ task }) => task.stores.size > 0 || globals.size > 0)
    this.responder.assign(new Set(asked.map(({ task }) => task.partition)))
  }

  async close(): Promise<void> {
    this.tasks = new Map()
    await this.responder?.close()
  }

  private handle({ value, partition }: Request): Buffer | undefined {
    const question = decodeQuestion(value)
    const place = this.places.get(question.store)
    if (place === undefined)
      throw new NotFoundError(`there is no store "${question.store}"; there are: ${[...this.places.keys()].join(', ')}`)
    if (!canBeAsked(place.spec.kind))
      throw new UsageError(`store ${question.store} holds what is on its way (${place.spec.kind}): it can't be asked`)
    const { part } = place
    const slot = part === undefined ? this.ofPartition(partition) : this.tasks.get(taskId(part, partition))
    // Tasks of one number may be several workers'.
    return slot && encodeAnswer(this.answer(question, place, slot.task))
  }

  /** Any task of a partition: what a global table's store is asked through. */
  private ofPartition(partition: number): Asked | undefined {
    for (const slot of this.tasks.values()) if (slot.task.partition === partition) return slot
    return undefined
  }

  private answer({ store: name, key, from, to, rangeMs }: Question, place: StorePlace, task: Task): Answer {
    const streamTime = task.sealedStreamTime
    const isLast = from === undefined && to === undefined && rangeMs === undefined
    const begin = from ?? (rangeMs === undefined ? undefined : streamTime - rangeMs + 1)
    const store = task.stores.get(name) ?? entryOf(this.options.globals, name)
    const journal = place.part === undefined ? nothingUnsealed : task.state.journal
    const found = sealedEntries(place.spec.kind, store, journal, key, begin && begin - place.reachMs, to)
    const entries = found.map(place.show)
    const wanted = isLast ? entries.slice(-1).filter(({ value }) => value !== null) : entries
    return { store: name, task: task.id, worker: this.options.worker, streamTime, entries: wanted }
  }
}
