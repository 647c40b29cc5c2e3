/** Processing waits when so many records aren't committed: bounds what a rollback repeats and the journal's size. */
export const mostUncommitted = 200_000
/** The same in bytes, of what was read and of its results: ends and the ledger hold them until the commit. */
export const mostUncommittedBytes = 32 * 1024 * 1024
/** A task with more bytes than this waiting for its sinks processes nothing until they have taken them. */
export const mostSinkBytes = 1024 * 1024
/** A task with more to do hands over no less than this, bytes: a write costs an end the same, however little it holds. */
export const leastWrite = 128 * 1024
