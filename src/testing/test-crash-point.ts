import type { CrashPoint } from '../engine/worker/crash-point'

/** Where a crash can be tried: at every point of a commit, and after every changelog that was restored. */
export type TestCrashPoint = CrashPoint | 'inRestore'
