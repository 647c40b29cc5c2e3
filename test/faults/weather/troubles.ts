/** Ends that are down until a time, and ways that are slow or clogged until one. */
export class Troubles {
  readonly downUntil = { table: 0, live: 0 }
  /** By worker and port. */
  readonly clogged = new Map<string, number>()
  readonly slow = new Map<string, number>()
}
