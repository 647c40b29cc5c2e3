import type { CommittedOffset } from '../../ledger'

/** What weir notes with a committed offset, beside the engine's own metadata. */
export interface CommitterMark {
  /** The transactional id that committed it; the next owner fences it instead of waiting for the transaction timeout. */
  readonly transactionalId: string | undefined
  /** The topic that the offset is of (KIP-516): another one of the same name doesn't go on from it. */
  readonly topicId: string | undefined
}

/** As `weir@<topic id>:<length>:<transactional id><metadata of the engine>`. */
export function markCommitter({ transactionalId = '', topicId }: CommitterMark, metadata: string): string {
  const topic = topicId === undefined ? '' : `@${topicId}`
  return `weir${topic}:${transactionalId.length}:${transactionalId}${metadata}`
}

/** Offsets to commit, each with the mark of who commits it. */
export function markOffsets<O extends CommittedOffset>(
  offsets: readonly O[],
  transactionalId: string | undefined,
  topicIdOf: (offset: O) => string | undefined,
): (O & { readonly metadata: string })[] {
  return offsets.map(each => {
    const mark = { transactionalId, topicId: topicIdOf(each) }
    return { ...each, metadata: markCommitter(mark, each.metadata ?? '') }
  })
}

/** The mark and the engine's part; metadata of another writer is the engine's as a whole. */
export function readCommitter(metadata: string): CommitterMark & { readonly metadata: string } {
  const match = /^weir(?:@([\w-]{22}))?:(\d+):/.exec(metadata)
  if (match === null) return { transactionalId: undefined, topicId: undefined, metadata }
  const start = match[0].length
  const end = start + Number(match[2])
  return { transactionalId: metadata.slice(start, end) || undefined, topicId: match[1], metadata: metadata.slice(end) }
}
