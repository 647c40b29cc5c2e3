import {
  DecodeError,
  FencedError,
  InDoubtError,
  ProcessError,
  SinkError,
  TopologyError,
  UnavailableError,
} from '../../errors'

/** The tasks of a generation can't be gone on with as they are: all of them are opened anew. */
export class ReopenError extends UnavailableError {}

/** Whether another attempt may succeed. After a fencing it can't: the tasks are another worker's. */
export function isPassing(error: unknown): boolean {
  if (error instanceof FencedError) return false
  if (error instanceof TopologyError || error instanceof ProcessError || error instanceof DecodeError) return false
  return !(error instanceof SinkError && error.fatal)
}

/** A service that isn't there; a commit in doubt is one whose answer was lost. */
export const isOutage = (error: Error): error is UnavailableError | SinkError | InDoubtError =>
  error instanceof UnavailableError || error instanceof SinkError || error instanceof InDoubtError
