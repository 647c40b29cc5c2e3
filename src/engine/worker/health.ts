import type { WorkerState } from './lifecycle'

/** Whether a worker does its work, and why it doesn't. */
export interface Health {
  readonly ok: boolean
  /** `starting` until the services have answered for the first time. */
  readonly state: WorkerState | 'starting'
  /** Why consuming has stopped; undefined while it goes on. */
  readonly reason?: string
}
