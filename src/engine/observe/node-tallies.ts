import type { NodeTally, SampledRecord, SamplesVitals } from '../../vitals/format'
import type { StepOutput } from '../task/compiled-graph'
import type { Task } from '../task/task'
import type { Tally } from '../worker/tally'
import type { Worker } from '../worker/worker'
import type { Rates } from './rates'
import { recordText } from './record-text'

/** Records of one step, in each task, that are kept a second. */
const sampledOfTask = 2
/** And of those, what is written. */
const mostSampled = 5

/** What went through each step: the outputs of all tasks that there were, added up. */
export class NodeTallies {
  /** By step. */
  readonly passed = new Map<string, number>()
  private readonly seen = new WeakMap<StepOutput, number>()

  /** Adds what has passed since the last call. */
  look(worker: Worker): void {
    for (const { task } of worker.slots.values())
      for (const { name, output, passed } of outputsOf(task)) {
        const before = this.seen.get(output) ?? 0
        this.seen.set(output, passed)
        this.passed.set(name, (this.passed.get(name) ?? 0) + passed - before)
      }
  }

  of({ faults, late, windowsClosed }: Tally, rates: Rates): NodeTally[] {
    const names = new Set([...this.passed.keys(), ...faults.keys()])
    return [...names].map(name => ({
      ...{ name, passed: this.passed.get(name) ?? 0, rate: rates.of('step', name) },
      ...{ errors: faults.get(name)?.count ?? 0, late: late.get(name) ?? 0 },
      windowsClosed: windowsClosed.get(name) ?? 0,
      ...faultOf(faults.get(name)),
    }))
  }

  /** Some of the records that went out of each step since the last call. */
  samples(worker: Worker, atMs: number): SamplesVitals['nodes'] {
    const byName = new Map<string, SampledRecord[]>()
    for (const { task } of worker.slots.values())
      for (const { name, output } of outputsOf(task)) {
        const kept = byName.get(name) ?? []
        for (const { key, value, timestamp } of output.takeSamples(sampledOfTask))
          if (kept.length < mostSampled) kept.push({ atMs, key: recordText(key), value: recordText(value), timestamp })
        if (kept.length > 0) byName.set(name, kept)
      }
    return [...byName].map(([name, records]) => ({ name, records }))
  }
}

interface NamedOutput {
  readonly name: string
  readonly output: StepOutput
  /** What the step has handed on: that which writes to a topic or an end hands on what it was given. */
  readonly passed: number
}

const outputsOf = ({ plan, graph }: Task): NamedOutput[] =>
  plan.nodes.flatMap(({ id, name, kind, parents }) => {
    const output = graph.outputs.get(id)
    if (output === undefined) return []
    const isLast = kind === 'to' || kind === 'sink'
    const given = () => parents.reduce((sum, parent) => sum + (graph.outputs.get(parent)?.passed ?? 0), 0)
    return [{ name, output, passed: isLast ? given() : output.passed }]
  })

function faultOf(faults: ReturnType<Tally['faults']['get']>): Pick<NodeTally, 'lastError'> {
  if (faults === undefined) return {}
  const { atMs, at, error } = faults.last
  const isError = error instanceof Error
  const lastError = {
    ...{
      atMs,
      error: isError ? error.name : typeof error,
      reason: recordText(isError ? error.message : String(error)),
    },
    ...{ topic: at.topic, partition: at.partition, offset: at.offset },
  }
  return { lastError }
}
