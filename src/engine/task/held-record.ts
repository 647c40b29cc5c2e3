import type { CommittedOffset } from '../../connectors/ledger'
import type { TopicPartition } from '../../connectors/source'
import type { Position } from '../../errors'

/** An input: everything below `position` has been processed. */
type Read = TopicPartition & { readonly position: number }

/**
 * An end that keeps positions stores them before Kafka has the dead letter of a record that it has refused. Were its position behind that record, a
 * crash in between would lose the record: below the position nothing is handed to the end, so that it would refuse nothing. So the record is the last of
 * its commit, the end's position stays at it, and the committed offset's metadata says so until the next commit.
 */
export class HeldRecord {
  private at: Position | undefined

  /** Whether nothing more is processed before the next checkpoint. */
  get isThere(): boolean {
    return this.at !== undefined
  }

  hold(at: Position): void {
    this.at = at
  }

  release(): void {
    this.at = undefined
  }

  /** What is committed, with its mark as metadata. */
  offsetsOf(inputs: readonly Read[], mark: string): CommittedOffset[] {
    return inputs.map(({ topic, partition, position }) => {
      const metadata = this.at?.topic === topic ? `${mark} held ${this.at.offset}` : mark
      return { topic, partition, offset: position, metadata }
    })
  }

  /**
   * The positions of the ends that topics are written to directly. One that is ahead stays there: were its position to go back, the task's next owner would
   * write its rows again.
   */
  positionsOf<D extends { readonly topic: string; readonly kind: string }>(
    inputs: readonly Read[],
    direct: readonly D[],
    ends: { heldUpTo(kind: string, topic: string): number },
  ) {
    return direct.flatMap(each =>
      inputs
        .filter(({ topic }) => topic === each.topic)
        .map(({ topic, partition, position }) => {
          const next = this.at?.topic === topic ? this.at.offset : position
          return { ...each, partition, next: Math.max(next, ends.heldUpTo(each.kind, topic)) }
        }),
    )
  }
}

/** Where an end's position may stay although `offset` is committed. */
export function heldOffset(offset: number, metadata: string): number {
  const held = / held (\d+)$/.exec(metadata)?.[1]
  return held === undefined ? offset : Math.min(offset, Number(held))
}
