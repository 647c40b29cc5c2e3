import type { CommittedOffset, Membership, Output } from '../../src/connectors/ledger'
import type { TopicPartition } from '../../src/connectors/source'
import type { Checkpoint } from '../../src/engine/task/checkpoint'
import type { Verdicts } from '../../src/engine/task/verdicts'
import { Generation, type GenerationParts } from '../../src/engine/worker/generation'
import { type Life, Lifecycle } from '../../src/engine/worker/lifecycle'
import type { Slot } from '../../src/engine/worker/open-tasks'
import { Tally } from '../../src/engine/worker/tally'
import type { WantedTask } from '../../src/engine/worker/wanted-task'
import { GivenPauses } from './given-pauses'

const counts = new Map([['in', 9]])

/** A task whose state is the committed one; dirty once it is told so, until its next checkpoint. */
export class FakeTask {
  readonly id: string
  readonly inputs: { topic: string; partition: number; position: number; queued: number; node: object }[]
  readonly plan = { direct: [] }
  readonly state = { isOwner: true, touch: async () => {} }
  readonly held = { isThere: false }
  readonly time = { nextWallClock: undefined }
  readonly sinkBytes = 0
  readonly gatheredBytes = 0
  readonly processed = 0
  isDirty = false
  /** What it was judged by at each opening. */
  readonly verdicts: (Verdicts | undefined)[] = []
  /** Kinds of ends whose retained values it has written again. */
  readonly retained: string[] = []
  rollbacks = 0
  seals = 0

  constructor(readonly partition: number) {
    this.id = `0_${partition}`
    this.inputs = [{ topic: 'in', partition, position: 5, queued: 1, node: { spec: {} } }]
  }

  process = () => 0
  rollback = () => void this.rollbacks++
  judgeBy = (verdicts: Verdicts | undefined) => void this.verdicts.push(verdicts)
  writeRetained = (kind: string) => void this.retained.push(kind)
  seal = async () => void this.seals++

  records = 2
  results = 0

  get share() {
    const { id: task, records, results, partition } = this
    const last = { topic: 'in', partition, offset: 4 }
    return { task, records, results, last, letters: 0, retained: 0, dropped: [] }
  }

  checkpoint(): Checkpoint {
    this.isDirty = false
    const offsets = [{ topic: 'in', partition: this.partition, offset: 5, metadata: 'mine' }]
    const nothing = { positions: [], chunks: [], outputs: [], marks: [], segment: [] as never }
    return { task: this.id, oldestMs: undefined, offsets, ...nothing }
  }
}

class FakeEnd {
  readonly targets: unknown[]
  readonly released: string[][] = []
  aborts = 0

  constructor(kind: string) {
    this.targets = [{ end: { kind, guarantee: 'exactly_once' } }]
  }

  release = async (tasks: readonly string[]) => void this.released.push([...tasks])
  abort = async () => void this.aborts++
}

/** A worker's generation with tasks that are known, and services that answer as they are told. */
export function generationScene(partitions: readonly number[] = [0, 1]) {
  const clock = { ms: 1_000, now: () => 0, monotonic: () => clock.ms }
  const tally = new Tally(clock)
  const tasks = Array.from({ length: 4 }, (_, partition) => new FakeTask(partition))
  const ends = [new FakeEnd('table'), new FakeEnd('queue')]
  const lines: string[] = []
  const say = (level: string) => (text: unknown) => void lines.push(`${level} ${text}`)
  /** What the next attempts meet before they open anything. */
  const meets: (Error | (() => void | Promise<void>))[] = []
  const kafka = {
    opened: [] as Membership[],
    renewed: [] as Membership[],
    closed: 0,
    commits: 0,
    refusal: [] as Error[],
  }
  const startsOf = (at: readonly TopicPartition[]) => at.map(each => ({ ...each, offset: 5, metadata: 'mine' }))
  const ledgerOf = (at: readonly TopicPartition[]) => ({
    starts: startsOf(at),
    async commit(_offsets: readonly CommittedOffset[], _outputs: readonly Output[]) {
      kafka.commits++
      const error = kafka.refusal.shift()
      if (error !== undefined) throw error
      return []
    },
    async renew(membership: Membership, all: readonly TopicPartition[]) {
      kafka.renewed.push(membership)
      return startsOf(all)
    },
    prove: async () => {},
    close: async () => void kafka.closed++,
  })
  const reading: number[] = []
  const reader = {
    seek: ({ partition }: TopicPartition) => void reading.push(partition),
    remove: ({ partition }: TopicPartition) => void reading.splice(reading.indexOf(partition), 1),
    peek: () => undefined,
    take: () => undefined,
    end: () => undefined,
  }
  const broker = {
    openLedger: async (membership: Membership, at: readonly TopicPartition[]) => {
      kafka.opened.push(membership)
      return ledgerOf(at)
    },
    deleteRecordsBefore: async () => {},
  }
  const outages = { lost: [] as [string, Error][], back: [] as string[] }
  const calls = { prepared: 0, left: 0, healthy: 0, opened: [] as string[] }
  const steps: string[] = []
  class WatchedLife extends Lifecycle<Generation> {
    override to(life: Life<Generation>): void {
      super.to(life)
      steps.push(life.state)
    }
  }
  const life = new WatchedLife()
  const wantedOf = (all: readonly number[]): WantedTask[] =>
    all.map(partition => ({
      ...{ id: `0_${partition}`, partition },
      part: { sources: [{ spec: { topic: 'in' } }], stores: [] } as unknown as WantedTask['part'],
    }))
  let generationId = 0
  const next = (...all: number[]) => ({
    membership: { groupId: 'group', memberId: 'me', generationId: ++generationId },
    wanted: wantedOf(all),
    prepare: async () => {
      calls.prepared++
      const met = meets.shift()
      if (met instanceof Error) throw met
      await met?.()
    },
    opened: (slots: Map<string, Slot>) => void calls.opened.push([...slots.keys()].join(' ')),
  })
  const known = new Map(
    tasks.map(task => {
      const sealed = new Map([['in', { offset: 5, metadata: 'mine' }]])
      return [task.id, { task, idle: undefined, widths: counts, sealed } as unknown as Slot]
    }),
  )
  const parts = {
    ...{ broker, reader, clock, tally, life, known, sinks: ends, missed: new Set<string>(), traces: undefined },
    ...{ widths: { counts }, environment: { partitionCount: () => 9 }, looks: { look: () => undefined } },
    ...{ commitIntervalMs: 1, maxTaskIdleMs: 0, first: next(...partitions) },
    standbys: { take: () => undefined, keep: () => {} },
    log: {
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: (_: object, text: string) => say('error')(text),
    },
    outages: {
      lost: (service: string, error: Error) => void outages.lost.push([service, error]),
      back: (service: string) => void outages.back.push(service),
    },
    left: () => void calls.left++,
    healthy: () => void calls.healthy++,
  }
  const pauses = new GivenPauses()
  const generation = new Generation(parts as unknown as GenerationParts)
  /** Has a commit made, and waits for it. */
  const commit = async () => {
    const before = calls.healthy
    clock.ms += 10
    await until(() => calls.healthy > before)
  }
  const isRunning = () => life.now.state === 'running'
  const run = () => {
    life.to({ state: 'opening', generation })
    return generation.run()
  }
  return {
    commit,
    isRunning,
    generation,
    run,
    next,
    tasks,
    ends,
    lines,
    meets,
    kafka,
    reading,
    outages,
    calls,
    steps,
    life,
    parts,
    pauses,
    clock,
    tally,
  }
}

/** Resolves once it is so: whoever has to do something for that does it within a few turns. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !isSo(); i++) await new Promise(setImmediate)
  if (!isSo()) throw new Error(`it never came to be that ${isSo}`)
}
