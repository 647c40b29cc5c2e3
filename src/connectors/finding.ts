/** What of a service, or of this machine, is missing or unlike what a topology needs. */
export interface Finding {
  readonly what: string
  /** The command, or the setting, that mends it; empty where `what` says all of it. */
  readonly mend: string
  /** It passes by itself, as a partition without a leader does: a start waits for it. */
  readonly passes?: true
}
