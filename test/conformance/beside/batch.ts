import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeSpec } from '../case'
import { firstUnlike, type Result, type Unlike } from './compare'
import type { Crew } from './crew'
import type { Drawn } from './draw'
import type { Ground } from './ground'
import { drawInputs, inputTopics } from './inputs'
import type { Order } from './order'

export interface Sides {
  readonly weir: Crew
  readonly kafkaStreams: Crew
}

export interface BatchOptions {
  readonly seed: number
  readonly number: number
  readonly kills: boolean
  /** Records of each topic of the input. */
  readonly perTopic: number
  /** Told what happens while how many applications have something left to do. */
  tell(event: string): void
}

/** What became of a topology. */
export interface Verdict {
  readonly drawn: Drawn
  /** All that each side has written. */
  readonly weir: readonly Result[]
  readonly kafkaStreams: readonly Result[]
  readonly unlike: Unlike | undefined
}

const sideNames = ['weir', 'kafkaStreams'] as const
type SideName = (typeof sideNames)[number]

/** How long a record of an application takes until all have come and gone, in ms. */
const paceMs = 60
/** How much has been committed when the second instance joins, and when one leaves. */
const [joinsAt, leavesAt] = [0.02, 0.1]

/** A number of topologies on both sides over one input, which is written before anything starts. */
export class Batch {
  private readonly beganMs = Date.now()

  constructor(
    private readonly ground: Ground,
    private readonly sides: Sides,
    private readonly drawn: readonly Drawn[],
    private readonly options: BatchOptions,
  ) {}

  async run(): Promise<Verdict[]> {
    const { ground, drawn } = this
    const { seed, number, perTopic } = this.options
    const hourMs = 3_600_000
    const startMs = Math.floor(Date.now() / hourMs - 2) * hourMs
    const inputs = drawInputs(seed * 2 ** 20 + number, startMs, perTopic)
    const ends = sideNames.flatMap(side => drawn.map(each => this.topic(side, each, 'out')))
    await ground.makeTopics([...inputTopics.map(topic => this.input(topic)), ...ends])
    await ground.write(inputs.map(each => ({ ...each, topic: this.input(each.topic) })))
    await Promise.all(sideNames.map(side => this.runSide(side)))
    const verdicts: Verdict[] = []
    for (const each of drawn) verdicts.push(await this.judge(each))
    await ground.clear([`b${number}-`])
    this.tell('compared')
    return verdicts
  }

  private input(topic: string): string {
    return `b${this.options.number}-in-${topic}`
  }

  private application(side: SideName, { name }: Drawn): string {
    return `b${this.options.number}-${side}-${name}`
  }

  private topic(side: SideName, drawn: Drawn, topic: string): string {
    return topic === 'out' ? `${this.application(side, drawn)}.out` : this.input(topic)
  }

  private orderOf(side: SideName): Omit<Order, 'stateDir'> {
    const placed = (drawn: Drawn) =>
      drawn.nodes.map(
        (node): NodeSpec => (node.topic === undefined ? node : { ...node, topic: this.topic(side, drawn, node.topic) }),
      )
    const applications = this.drawn.map(each => ({ application: this.application(side, each), nodes: placed(each) }))
    // A thread of weir's is shared by all of a batch, one of Kafka Streams' is its application's alone.
    const ownMs = side === 'weir' ? paceMs / applications.length : paceMs
    return { bootstrap: this.ground.bootstrap, paceMs: ownMs, applications }
  }

  private async runSide(side: SideName): Promise<void> {
    const groups = this.drawn.map(each => this.application(side, each))
    const [crew, order] = [this.sides[side], this.orderOf(side)]
    await crew.start(0, order)
    const left = this.drawn.every(each => each.mayMove) ? await this.move(side, groups) : ([0] as const)
    await Promise.all(left.map(at => crew.hurry(at)))
    this.tell(`${side}: in a hurry`)
    await crew.whileWell(this.ground.drained(groups))
    this.tell(`${side}: nothing is left to do`)
    await Promise.all(left.map(at => crew.stop(at)))
    this.tell(`${side}: stopped`)
  }

  private tell(event: string): void {
    this.options.tell(`${((Date.now() - this.beganMs) / 1000).toFixed(1)} s ${event}`)
  }

  /** A second instance joins, and one of both leaves or is killed; one that was killed comes back. Gives those that are there in the end. */
  private async move(side: SideName, groups: readonly string[]): Promise<readonly (0 | 1)[]> {
    const [crew, order] = [this.sides[side], this.orderOf(side)]
    const goes = (this.options.number % 2) as 0 | 1
    const stays = (1 - goes) as 0 | 1
    await crew.whileWell(this.reached(groups, joinsAt))
    await this.note(`${side}: the second instance joins`, groups)
    await crew.start(1, order)
    await crew.whileWell(this.reached(groups, leavesAt))
    if (!this.options.kills) {
      await this.note(`${side}: instance ${goes} leaves`, groups)
      await crew.stop(goes)
      return [stays]
    }
    await this.note(`${side}: SIGKILL of instance ${goes}`, groups)
    await crew.kill(goes)
    await crew.start(goes, order)
    return [goes, stays]
  }

  /** Waits until half of the applications have committed such a share of what there is. */
  private async reached(groups: readonly string[], share: number): Promise<void> {
    for (;;) {
      const shares = await Promise.all(groups.map(group => this.ground.progress(group)))
      if (shares.filter(each => each >= share).length * 2 >= groups.length) return
      await sleep(100)
    }
  }

  private async note(what: string, groups: readonly string[]): Promise<void> {
    const shares = await Promise.all(groups.map(group => this.ground.progress(group)))
    this.tell(`${what} while ${shares.filter(each => each < 1).length} of ${groups.length} are at work`)
  }

  private async judge(drawn: Drawn): Promise<Verdict> {
    const weir = await this.ground.read(this.topic('weir', drawn, 'out'))
    const kafkaStreams = await this.ground.read(this.topic('kafkaStreams', drawn, 'out'))
    return { drawn, weir, kafkaStreams, unlike: firstUnlike(drawn.comparison, weir, kafkaStreams) }
  }
}
