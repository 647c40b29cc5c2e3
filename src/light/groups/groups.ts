import type { Ids } from '../world/ids'
import type { Clock } from '../world/world'
import { Group } from './group'

/** All groups of the cluster, whichever node coordinates them. */
export class Groups {
  private readonly byId = new Map<string, Group>()

  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  get(id: string): Group | undefined {
    return this.byId.get(id)
  }

  getOrCreate(id: string): Group {
    let group = this.byId.get(id)
    if (group === undefined) {
      group = new Group(id, this.clock, name => this.ids.named(name))
      this.byId.set(id, group)
    }
    return group
  }

  /** By their ids. */
  all(): Group[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  delete(group: Group): void {
    group.kill()
    this.byId.delete(group.id)
  }

  /** A deleted topic's positions are gone with it. */
  forgetTopic(topic: string): void {
    for (const group of this.byId.values()) group.offsets.deleteTopic(topic)
  }
}
