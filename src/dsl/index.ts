export * from './aggregators'
export { type CogroupAdder, CogroupedKStream, type CogroupOptions, WindowedCogroupedKStream } from './cogroup'
export { GlobalKTable, type GlobalTableOptions } from './global-table'
export type { Topology } from './graph'
export * from './grouped-stream'
export * from './grouped-table'
export type { JoinWindows } from './join-nodes'
export type * from './join-types'
export type { BadRecordPolicy, StoreLocation, StoreSpec, TimestampExtractor } from './nodes'
export * from './processor'
export type { Queries } from './queries'
export * from './stores'
export * from './stream'
export {
  type BufferLimits,
  type Suppression,
  type UntilTimeLimit,
  type UntilWindowCloses,
  untilTimeLimit,
  untilWindowCloses,
} from './suppression'
export * from './table'
export * from './topology'
export type { VersionedOptions } from './versioned-table'
export * from './windows'
