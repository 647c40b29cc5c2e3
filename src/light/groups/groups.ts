import type { Ids } from '../world/ids'
import type { Keeper } from '../world/keeper'
import type { Clock } from '../world/world'
import { Group } from './group'
import { GroupOffsets, type KeptOffsets } from './group-offsets'

/** What of a group is kept: who its members are they say themselves when they join again. */
interface KeptGroup extends KeptOffsets {
  readonly generationId: number
  readonly protocolType: string | null
}

/** All groups of the cluster, whichever node coordinates them. */
export class Groups {
  private readonly byId = new Map<string, Group>()

  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly keeper: Keeper,
  ) {
    for (const [id, value] of keeper.all('group')) this.restore(this.add(id), value as KeptGroup)
  }

  get(id: string): Group | undefined {
    return this.byId.get(id)
  }

  getOrCreate(id: string): Group {
    return this.byId.get(id) ?? this.add(id)
  }

  /** By their ids. */
  all(): Group[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  delete(group: Group): void {
    group.kill()
    this.byId.delete(group.id)
    this.keeper.drop('group', group.id)
  }

  /** A deleted topic's positions are gone with it. */
  forgetTopic(topic: string): void {
    for (const group of this.byId.values()) group.offsets.deleteTopic(topic)
  }

  /** Those too of a topic whose deletion a crash has cut short: one of the same name would begin with them. */
  forgetMissing(exists: (topic: string) => boolean): void {
    const known = this.all().flatMap(({ offsets }) => offsets.topics)
    for (const topic of new Set(known)) if (!exists(topic)) this.forgetTopic(topic)
  }

  private add(id: string): Group {
    const keep = () =>
      this.keeper.put('group', id, (): KeptGroup => {
        const { generationId, protocolType, offsets } = group
        return { generationId, protocolType, ...offsets.kept }
      })
    const group: Group = new Group(id, this.clock, name => this.ids.named(name), new GroupOffsets(keep), keep)
    this.byId.set(id, group)
    return group
  }

  private restore(group: Group, { generationId, protocolType, ...offsets }: KeptGroup): void {
    group.generationId = generationId
    group.protocolType = protocolType
    group.offsets.restore(offsets)
  }
}
