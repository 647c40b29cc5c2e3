import { StoreFollower } from '../../ops/stores/store-follower'
import type { DescribedStore } from '../../ops/stores/store-log'
import { listedChars } from './calls/message-calls'
import type { DecoderCache } from './decoder-cache'
import type { Reach } from './reach'

/** Stores that are looked at, at once. */
const mostStores = 4
/** What nobody looks at is forgotten, ms. */
const keptMs = 60_000
/** A first look takes a second or two, and what is kept some 20 MB at most. */
const limits = { mostRecords: 200_000, mostEntries: 50_000, maxChars: listedChars }

interface Followed {
  readonly follower: StoreFollower
  readonly timer: NodeJS.Timeout
}

/** Followers of the stores that somebody looks at: each look reads only what is new. */
export class FollowedStores {
  private readonly followed = new Map<string, Followed>()

  constructor(
    private readonly reach: Pick<Reach, 'cluster'>,
    private readonly decoders: DecoderCache,
  ) {}

  get(application: string, name: string, store: DescribedStore): StoreFollower {
    // Another topology may keep something else under the same name.
    const id = JSON.stringify([application, name, store])
    const known = this.followed.get(id)
    this.forget(id)
    const decoders = this.decoders.get({ key: 'auto', value: 'auto' })
    const follower = known?.follower ?? new StoreFollower(this.reach.cluster, store, decoders, limits)
    this.followed.set(id, { follower, timer: setTimeout(() => this.forget(id), keptMs).unref() })
    for (const oldest of this.followed.keys()) {
      if (this.followed.size <= mostStores) break
      this.forget(oldest)
    }
    return follower
  }

  private forget(id: string): void {
    clearTimeout(this.followed.get(id)?.timer)
    this.followed.delete(id)
  }
}
