import type { GroupOffset } from './groups'

/** What the metadata of an offset starts with when a weir topology committed it. */
const PREFIX = 'weir'

/** True for the group of a weir application: its state and sinks go with its offsets, which must not be moved alone. */
export function isWeirGroup(offsets: readonly GroupOffset[]): boolean {
  return offsets.some(({ metadata }) => metadata.startsWith(PREFIX))
}
