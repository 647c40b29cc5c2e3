import type { CommittedOffset, Output } from './ledger'

/**
 * An application's group without a worker in it, held so that none begins unnoticed, and transactions in its name: for work on its state that
 * no task may see half done. What a holder that was killed has left open is undone by the next one.
 */
export interface GroupHold {
  /** Adds to the transaction. Throws FencedError when a worker has joined meanwhile, UnavailableError: nothing counts then. */
  send(outputs: readonly Output[]): Promise<void>
  /** What was sent, and these offsets of the group, all or nothing. Throws as `send` does, and InDoubtError when the answer was lost. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>
  /** Undoes what isn't committed, and leaves the group. */
  release(): Promise<void>
}
