import type { Input } from './input'

/** The position of one input at a commit, and the id of its topic (KIP-516). */
export interface KeptPosition {
  readonly offset: number
  readonly topicId?: string | undefined
}

/** The name in the times changelog under which the tasks of a part keep their positions. */
export const positionsName = (timesName: string) => `${timesName}/positions`

/** What was kept under `positionsName`, by topic. */
export type KeptPositions = Readonly<Record<string, KeptPosition>>

/**
 * A task's positions as part of its state: Kafka forgets the offsets of a group that rests for long (`offsets.retention.minutes`), and never
 * the state, which must not be given the same records twice.
 */
export class PositionKeeper {
  private kept: KeptPositions = {}

  constructor(
    private readonly inputs: readonly Input[],
    private readonly topicId: (topic: string) => string | undefined,
  ) {}

  /** The positions now: the same object for as long as none has moved. */
  take(): KeptPositions {
    const hasMoved = ({ topic, position }: Input) => this.kept[topic]?.offset !== position
    if (this.inputs.some(hasMoved))
      this.kept = Object.fromEntries(
        this.inputs.map(({ topic, position: offset }) => [topic, { offset, topicId: this.topicId(topic) }]),
      )
    return this.kept
  }
}
