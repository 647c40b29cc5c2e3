/** JSON that was made already, for several connections. */
export class JsonText {
  constructor(readonly text: string) {}
}

/**
 * The source of one subscription of a live connection. It holds only the newest state, and nothing is queued: the connection takes it when it has room and somebody
 * looks at the page, so that a slow client gets fewer messages and never older ones.
 */
export interface Feed {
  /** What is to be sent now: what JSON is made of, JSON that is made, or the bytes of a frame. Undefined when there is nothing new since the last call. */
  take(): object | JsonText | Uint8Array | undefined
  /** Ends the subscription. Called once. */
  close(): void
}

/**
 * Opens a feed. It calls `changed` whenever `take` would return something new; the first time at once, or as soon as there is something. By calling it less often the
 * feed decides how many messages a second are sent. `failed` ends the subscription with a reason. Throws UsageError for a query that makes no sense.
 */
export type OpenFeed<Q> = (query: Q, changed: () => void, failed: (error: unknown) => void) => Feed

/** Views whose pictures come as binary frames, by name; the query is the view's own. */
export type Frames = Readonly<Record<string, OpenFeed<string>>>
