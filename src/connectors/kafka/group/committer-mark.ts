/**
 * The metadata of a committed offset names the transactional id that committed it, so that the next owner can fence that
 * id instead of waiting for the transaction timeout: `weir:<length>:<id><metadata of the engine>`.
 */
export function markCommitter(transactionalId: string, metadata: string): string {
  return `weir:${transactionalId.length}:${transactionalId}${metadata}`
}

/** The committer and the engine's part; metadata of another writer is the engine's as a whole. */
export function readCommitter(metadata: string): { transactionalId: string | undefined; metadata: string } {
  const match = /^weir:(\d+):/.exec(metadata)
  if (match === null) return { transactionalId: undefined, metadata }
  const start = match[0].length
  const end = start + Number(match[1])
  return { transactionalId: metadata.slice(start, end), metadata: metadata.slice(end) }
}
