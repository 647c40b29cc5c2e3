import type { Reader } from '../../connectors/source'
import type { Changelog } from './restorer'

/** How many records of a state's changelogs are still to be read; MAX_SAFE_INTEGER where that isn't known yet. `limitOf`: how far a changelog may be followed. */
export function lagOf(
  changelogs: readonly Changelog[],
  reader: Pick<Reader, 'end'> | undefined,
  limitOf: (changelog: Changelog) => number,
): number {
  // A standby that starts over has no changelogs yet.
  if (changelogs.length === 0) return Number.MAX_SAFE_INTEGER
  let lag = 0
  for (const changelog of changelogs) {
    const { state, topic } = changelog
    const end = reader?.end({ topic, partition: state.partition })
    if (end === undefined) return Number.MAX_SAFE_INTEGER
    const last = Math.min(end.endOffset, limitOf(changelog))
    lag += Math.max(0, last - (state.restoredTo.get(topic) ?? 0))
  }
  return lag
}
