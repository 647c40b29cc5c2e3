import type { NodeSpec } from '../case'

/** What a process of either side is told to run: applications, each with the nodes of its topology. Times in ms. */
export interface Order {
  readonly bootstrap: string
  readonly stateDir: string
  /** How long each record takes until the process is told to hurry, so that others come and go while something is left to do. */
  readonly paceMs: number
  readonly applications: readonly { readonly application: string; readonly nodes: readonly NodeSpec[] }[]
}
