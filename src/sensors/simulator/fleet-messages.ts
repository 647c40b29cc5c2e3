import type { FleetCounters, FleetReport } from './fleet'
import type { FleetOptions } from './fleet-options'

export interface ParentMessage {
  readonly start?: FleetOptions
  readonly stop?: true
}

export interface ChildMessage {
  readonly counters?: FleetCounters
  readonly report?: FleetReport
  readonly failure?: string
}

export const oneMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))
