import type { Sink } from '../connectors/sink'
import type { SinkHarness } from './sink-harness'

/** What a test of a sink's promise is given. */
export interface SinkScene {
  readonly end: SinkHarness
  /** The end keeps rows and positions in one transaction. */
  readonly transactional: boolean
  /** A new worker's sink to the end, which is closed after the test. */
  create(): Sink
}

/** Tests of what sinks promise, by what is promised. */
export type SinkPromiseTests = Readonly<Record<string, (scene: SinkScene) => Promise<void>>>
