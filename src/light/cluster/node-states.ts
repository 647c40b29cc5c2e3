/** One node of the cluster. */
export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** Which nodes there are, and which of them are up. */
export class NodeStates {
  private readonly nodes: Node[] = []
  private readonly down = new Set<number>()

  add(node: Node): void {
    this.nodes.push(node)
    this.nodes.sort((a, b) => a.id - b.id)
  }

  /** By their ids. */
  get all(): readonly Node[] {
    return this.nodes
  }

  get up(): readonly Node[] {
    return this.nodes.filter(({ id }) => !this.down.has(id))
  }

  isUp(id: number): boolean {
    return !this.down.has(id) && this.nodes.some(node => node.id === id)
  }

  setUp(id: number, isUp: boolean): void {
    if (isUp) this.down.delete(id)
    else this.down.add(id)
  }

  /** The node that stands at `place` in the ring of all nodes, or the next one that is up; undefined where none is. */
  nextUp(place: number): number | undefined {
    const count = this.nodes.length
    for (let i = 0; i < count; i++) {
      const node = this.nodes[(place + i) % count]
      if (node !== undefined && !this.down.has(node.id)) return node.id
    }
    return undefined
  }

  get controller(): number {
    return this.up[0]?.id ?? -1
  }
}
