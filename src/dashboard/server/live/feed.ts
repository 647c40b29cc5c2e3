/** JSON that was made already, for several connections. */
export class JsonText {
  constructor(readonly text: string) {}
}

/**
 * What one subscription of a live connection tells. It holds what is newest, and nothing is queued: the connection takes it when it has room and somebody looks
 * at the page, so that a slow client gets fewer messages and never older ones.
 */
export interface Feed {
  /** What is to be sent now: what JSON is made of, JSON that is made, or the bytes of a frame. Undefined when there is nothing new since the last call. */
  take(): object | JsonText | Uint8Array | undefined
  /** Nobody is told any more. Called once. */
  close(): void
}

/**
 * Begins to tell. `changed` is called whenever `take` would have something new, as often as it likes; the first time at once, or as soon as there is something. How
 * many a second are sent is for the feed to say, by calling it no more often. `failed` ends the subscription with a reason. Throws UsageError for a query that makes no sense.
 */
export type OpenFeed<Q> = (query: Q, changed: () => void, failed: (error: unknown) => void) => Feed

/** Views whose pictures come as binary frames, by name; the query is the view's own. */
export type Frames = Readonly<Record<string, OpenFeed<string>>>
