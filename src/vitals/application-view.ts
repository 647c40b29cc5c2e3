import type {
  EndTally,
  NodeDescription,
  NodeTally,
  SampledRecord,
  SamplesVitals,
  TaskTally,
  TopologyVitals,
} from './format'
import type { Application, EndView, LagView, NodeView, TaskView, WorkerView } from './model'
import type { Trend } from './trend'

/** What the view of an application is made from. */
export interface ViewParts {
  readonly name: string
  readonly topology: TopologyVitals | undefined
  /** Newest first. */
  readonly workers: readonly WorkerView[]
  readonly samples: readonly SamplesVitals[]
  /** The trend of the lag of a task, an end, or all. */
  readonly trend: (what: string) => Trend
  readonly nowMs: number
}

/** A task, as reported by the worker that has it or had it last. */
interface Owned {
  readonly task: TaskTally
  readonly owner: WorkerView
}

/** Combines the reports of all workers into one view of their application. */
export class ApplicationView {
  readonly application: Application
  private readonly here: readonly WorkerView[]
  private readonly owned: readonly Owned[]

  constructor(private readonly parts: ViewParts) {
    const { name, topology, workers } = parts
    this.here = workers.filter(({ presence }) => presence === 'here')
    this.owned = ownedTasks(workers)
    const nodes = this.nodes()
    const rate = nodes.filter(({ name }) => this.isFirst(name)).reduce((sum, each) => sum + each.rate, 0)
    this.application = {
      ...{ name, workers, nodes, rate, tasks: this.tasks(), ends: this.ends(), lag: this.lag('all', this.owned, rate) },
      ...(topology && { topology }),
    }
  }

  private get described(): readonly (NodeDescription & { readonly part: number })[] {
    return (this.parts.topology?.parts ?? []).flatMap(({ id, nodes }) => nodes.map(node => ({ ...node, part: id })))
  }

  /** Whether a step reads a topic that no step of this topology writes. */
  private isFirst(name: string): boolean {
    const { described } = this
    const reads = described.find(each => each.name === name)?.reads
    return reads !== undefined && !described.some(({ writes }) => writes === reads)
  }

  private tasks(): TaskView[] {
    return this.owned.map(each => {
      const { task, owner } = each
      const { id, part, partition, streamTimeMs, rate, queuedBytes, stores } = task
      const isHere = owner.presence === 'here'
      return {
        ...{ id, part, partition, streamTimeMs, stores, worker: owner.tally.worker },
        ...{ rate: isHere ? rate : 0, queuedBytes: isHere ? queuedBytes : 0 },
        status: isHere ? task.status : ('unowned' as const),
        lag: this.lag(`task ${id}`, [each], rate),
      }
    })
  }

  private nodes(): NodeView[] {
    const tallies = groupBy(this.here.flatMap(({ tally }) => tally.nodes))
    const described = this.described
    const samples = new Map<string, SampledRecord[]>()
    for (const { name, records } of this.parts.samples.flatMap(({ nodes }) => nodes))
      samples.set(name, [...(samples.get(name) ?? []), ...records])
    return described.map(({ name, part, parents, stores }) => {
      const own = tallies.get(name) ?? []
      const sum = (of: (tally: NodeTally) => number) => own.reduce((total, each) => total + of(each), 0)
      const lastError = own.flatMap(each => each.lastError ?? []).sort((a, b) => b.atMs - a.atMs)[0]
      const tasks = this.owned.flatMap(({ task }) => (task.part === part ? [task] : []))
      return {
        ...{ name, part, rate: sum(each => each.rate), passed: sum(each => each.passed) },
        ...{ errors: sum(each => each.errors), late: sum(each => each.late) },
        windowsClosed: sum(each => each.windowsClosed),
        ...(lastError && { lastError }),
        ...sizeOf(tasks.flatMap(task => task.stores.filter(store => stores.includes(store.name)))),
        watermarkMs: tasks.length === 0 ? -1 : Math.min(...tasks.map(({ streamTimeMs }) => streamTimeMs)),
        recordsOut: samples.get(name) ?? [],
        recordsIn: parents.flatMap(parent => samples.get(parent) ?? []),
      }
    })
  }

  private ends(): EndView[] {
    const tallies = groupBy(this.here.flatMap(({ tally }) => tally.ends))
    return (this.parts.topology?.ends ?? []).map(end => {
      const own = tallies.get(end.name) ?? []
      const sum = (of: (tally: EndTally) => number) => own.reduce((total, each) => total + of(each), 0)
      const rate = sum(each => each.rate)
      const parts = new Set(this.described.flatMap(node => (node.end === end.name ? [node.part] : [])))
      const held = own.flatMap(({ heldSinceMs, reason }) =>
        heldSinceMs === undefined ? [] : { heldSinceMs, ...(reason !== undefined && { reason }) },
      )
      return {
        ...{ ...end, rate, records: sum(each => each.records), queuedBytes: sum(each => each.queuedBytes) },
        ...slowest(own, 'commitMs'),
        ...slowest(own, 'ageMs'),
        lag: this.lag(
          `end ${end.name}`,
          this.owned.filter(({ task }) => parts.has(task.part)),
          rate,
        ),
        ...held.sort((a, b) => a.heldSinceMs - b.heldSinceMs)[0],
      }
    })
  }

  /** The lag of several tasks together. That of a task whose worker is gone keeps growing with time. */
  private lag(what: string, owned: readonly Owned[], rate: number): LagView {
    const inputs = owned.flatMap(({ task, owner }) =>
      task.inputs.map(input => ({ ...input, sinceMs: owner.presence === 'here' ? 0 : owner.ageMs })),
    )
    const known = inputs.flatMap(({ lag }) => lag ?? [])
    const ages = inputs.flatMap(({ lagMs, lag, sinceMs }) =>
      lagMs === undefined ? [] : lag === 0 ? 0 : lagMs + sinceMs,
    )
    const records = known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0)
    const trend = this.parts.trend(what)
    trend.note(this.parts.nowMs, records)
    return trend.of(records, ages.length === 0 ? undefined : Math.max(...ages), rate)
  }
}

/** Of several workers that report a task, one that is here has it, else the one that reported last. */
function ownedTasks(workers: readonly WorkerView[]): Owned[] {
  const owned = new Map<string, Owned>()
  for (const isHere of [true, false])
    for (const owner of workers)
      if ((owner.presence === 'here') === isHere)
        for (const task of owner.tally.tasks) if (!owned.has(task.id)) owned.set(task.id, { task, owner })
  return [...owned.values()].sort((a, b) => a.task.part - b.task.part || a.task.partition - b.task.partition)
}

function groupBy<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) groups.set(each.name, [...(groups.get(each.name) ?? []), each])
  return groups
}

function sizeOf(stores: TaskTally['stores']): Pick<NodeView, 'entries' | 'bytes'> {
  const bytes = stores.flatMap(store => store.bytes ?? [])
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
  return { entries: sum(stores.map(({ entries }) => entries)), ...(bytes.length > 0 && { bytes: sum(bytes) }) }
}

function slowest<K extends 'commitMs' | 'ageMs'>(ends: readonly EndTally[], what: K): Pick<EndView, K> | object {
  const known = ends.flatMap(end => end[what] ?? [])
  const slow = known.sort((a, b) => b.p99 - a.p99)[0]
  return slow === undefined ? {} : { [what]: slow }
}
