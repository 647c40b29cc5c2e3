import type { Call, Served } from './serve'

/** A request that a node has received whole. */
export interface Received {
  readonly api: Served
  readonly call: Call
  readonly body: Buffer
  /** Ends the connection that it came on. */
  cut(): void
}

/**
 * Stands between a node's clients and what it does: answers by `api.handle`, or otherwise, or later, or never. `reply` is called once at
 * most; the connection's next request waits for it.
 */
export type Between = (request: Received, reply: (body: Buffer | undefined) => void) => void

/** Nothing stands between. */
export const straight: Between = ({ api, call, body }, reply) => api.handle(body, call, reply)
