/** The specs of the steps that make, change, join and leave tables. */
export interface TableNodeSpecs {
  /** Table to stream: forwards the new values of the changes. */
  toStream: Record<string, never>
}
