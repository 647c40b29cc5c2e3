import { behind, type Claims, isLeaving, type Load } from './member-loads'

/** Chooses who follows a task that `owner` has. */
export function placeStandbys(id: string, owner: Load, loads: readonly Load[], claims: Claims, replicas: number): void {
  const taken = new Set([owner])
  const racks = new Set([owner.had.rack])
  for (let left = replicas; left > 0; left--) {
    const next = nextStandby(id, loads, claims, taken, racks)
    if (next === undefined) break
    taken.add(next)
    racks.add(next.had.rack)
    if (!next.standby.includes(id)) next.standby.push(id)
  }
  // Who is to have it next keeps what it has of its state.
  if (owner.due.includes(id) && owner.had.standby[id] !== undefined) owner.standby.push(id)
}

/** Of those that aren't taken: on the best rack who lacks least, else who follows least. */
function nextStandby(
  id: string,
  loads: readonly Load[],
  claims: Claims,
  taken: ReadonlySet<Load>,
  racks: ReadonlySet<string | undefined>,
): Load | undefined {
  const warm = bestOf(claims.having(id), load => behind(load, id))
  if (warm !== undefined && rankOf(warm) === 0) return warm
  const cold = bestOf(loads, ({ standby }) => standby.length)
  return warm !== undefined && cold !== undefined && rankOf(warm) <= rankOf(cold) ? warm : cold

  /** A rack that has no copy yet, then one that isn't told, then one that has a copy. */
  function rankOf({ had: { rack } }: Load): number {
    if (rack === undefined) return 1
    return racks.has(rack) ? 2 : 0
  }

  function bestOf(some: readonly Load[], numberOf: (load: Load) => number): Load | undefined {
    let best: Load | undefined
    for (const load of some) {
      if (taken.has(load) || isLeaving(load)) continue
      const by = best === undefined ? -1 : rankOf(load) - rankOf(best)
      if (best === undefined || by < 0 || (by === 0 && numberOf(load) < numberOf(best))) best = load
    }
    return best
  }
}
