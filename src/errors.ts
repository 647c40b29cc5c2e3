/** Where a record came from: its position in a source partition. */
export interface Position {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface ErrorDetail {
  readonly cause?: unknown
  /** Task id as Kafka Streams prints it, `0_3`: sub-topology and partition. */
  readonly task?: string
  readonly position?: Position
  /** The service that has failed, as outages name it: `Kafka`, `Postgres`. */
  readonly service?: string
}

/** The root of weir's errors. A subclass says what the engine does next, the message says what, where and what to do. */
export class StreamError extends Error {
  readonly task?: string
  readonly position?: Position
  readonly service?: string
  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = new.target.name
    if (detail.task !== undefined) this.task = detail.task
    if (detail.position !== undefined) this.position = detail.position
    if (detail.service !== undefined) this.service = detail.service
  }
}

/** The author's bug: thrown when a topology is built, or at start before the first record. */
export class TopologyError extends StreamError {}

/** The user's configuration is wrong; nothing was started. Exit code 2. */
export class ConfigError extends StreamError {}

/** One record can't be read: it is dead-lettered, skipped or stops the task, by the source's policy. */
export class DecodeError extends StreamError {}

/** A step or a target's encoder threw on one record: its effects are undone, then as for DecodeError. */
export class ProcessError extends StreamError {}

/** A write failed: the task rolls back, backs off and replays; when `fatal`, trying again can't help and the task stops. */
export class SinkError extends StreamError {
  readonly fatal: boolean
  constructor(message: string, detail: ErrorDetail & { readonly fatal?: boolean } = {}) {
    super(message, detail)
    this.fatal = detail.fatal ?? false
  }
}

/**
 * An end has refused something for what it is (a size, a range, a constraint), in its own words: trying again can't help. The
 * engine searches what was written for the record that it is about, and that record alone becomes a dead letter.
 */
export class ContentError extends StreamError {
  /** Where it says which: all records for Kafka that were refused. */
  readonly outputs: readonly RefusedOutput[]
  /** What was refused beside it, each with its own `position`. */
  readonly others: readonly ContentError[]
  constructor(
    message: string,
    detail: ErrorDetail & {
      readonly outputs?: readonly RefusedOutput[]
      readonly others?: readonly ContentError[]
    } = {},
  ) {
    super(message, detail)
    this.outputs = detail.outputs ?? []
    this.others = detail.others ?? []
  }
}

/** A record that a Kafka topic doesn't take. */
export interface RefusedOutput {
  readonly topic: string
  readonly record: {
    readonly key: Uint8Array | null
    readonly value: Uint8Array | null
    readonly timestamp: number
  }
  /** The broker's words. */
  readonly words: string
  /** It may be for its timestamp, and not for its key or value. */
  readonly isForTime: boolean
}

/** Another owner has taken over: drop the task without touching anything, rejoin the group. */
export class FencedError extends StreamError {}

/** A commit timed out and may or may not have happened: reopen the task, the ledger knows the truth. */
export class InDoubtError extends StreamError {}

/** A service can't be reached: wait with a growing pause and try again; never the record's fault. */
export class UnavailableError extends StreamError {}

/**
 * A service isn't as the topology needs it: a table was altered, a right is missing, others wrote to a changelog. Nothing is written until
 * somebody mends it;
 * the message says where, what and how.
 */
export class UnfitError extends UnavailableError {}

/** A topic was deleted while it was being read, and another one made under its name: begin with that one anew. */
export class TopicReplacedError extends UnavailableError {}

/** A request has had no reply in time: whoever should have answered is away, or slow. */
export class NoReplyError extends UnavailableError {
  constructor(
    message: string,
    /** Where the request was sent. */
    readonly at: { readonly topic: string; readonly partition: number },
  ) {
    super(message)
  }
}

/** A responder has refused a request, and says why. */
export class RefusalError extends StreamError {
  constructor(
    message: string,
    /** Name of the error's class at the responder. */
    readonly reason: string,
  ) {
    super(message)
  }
}

/** The user asked for something that can't be: bad arguments, a bad expression. Exit code 2. */
export class UsageError extends StreamError {}

/** A topic, group, subject, partition, store or key does not exist. Exit code 3. */
export class NotFoundError extends StreamError {}
