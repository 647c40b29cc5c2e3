/** A broker as the cluster names it. */
interface Broker {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

/** Remembers which brokers there were: a cluster lists only those that are up. */
export class BrokersSeen {
  private readonly known = new Map<number, string>()
  private readonly awaySince = new Map<number, number>()

  /** Notes the brokers that are up at `atMs`. */
  note(brokers: readonly Broker[], atMs: number): void {
    const here = new Set(brokers.map(each => each.nodeId))
    for (const { nodeId, host, port } of brokers) {
      this.known.set(nodeId, `${nodeId} (${host}:${port})`)
      this.awaySince.delete(nodeId)
    }
    for (const id of this.known.keys()) if (!here.has(id) && !this.awaySince.has(id)) this.awaySince.set(id, atMs)
  }

  /** Brokers that were up and aren't any more, by name: `3 (kafka-3:9092)`. */
  get away(): readonly { readonly name: string; readonly sinceMs: number }[] {
    return [...this.awaySince].map(([id, sinceMs]) => ({ name: this.known.get(id) ?? `${id}`, sinceMs }))
  }
}
