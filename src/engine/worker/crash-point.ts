/** The moments of a commit at which a crash has to be survived; the crash tests stop here. */
export type CrashPoint = 'beforeSinks' | 'afterSinks' | 'afterLedger'
