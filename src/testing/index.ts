export type { WrittenRecord } from './captured-targets'
export { type CrashesOptions, type CrashReport, crashes, type Run } from './crashes'
export type { TestCrashPoint } from './driver-tasks'
export { type TestDriverOptions, type TestOutput, type TestRecord, TopologyTestDriver } from './test-driver'
