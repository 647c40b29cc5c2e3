import { decodeMemberData } from '../../connectors/member-data'

/** A state that lacks no more records than this is as good as complete: Kafka Streams' acceptable.recovery.lag. */
export const acceptableLag = 10_000

/** What a member sends to the group's leader when it joins. */
export interface MemberTasks {
  /** Tasks whose state it has as of the last commit, and the entries of each. */
  readonly active: Readonly<Record<string, number>>
  /** Tasks whose changelog it follows, and how many records it has still to read. */
  readonly standby: Readonly<Record<string, number>>
  /** The entries of those of them that are as good as complete, where it has them itself. */
  readonly entries?: Readonly<Record<string, number>>
  /** Tasks that are at work there, and go on until it is told otherwise. */
  readonly owned?: readonly string[]
  /** Tasks that the last round gave to it, or is to give once their owners have let go of them, and that aren't at work there yet. */
  readonly awaited?: readonly string[]
  /** Where it stands (`CLIENT_RACK`); absent where it wasn't told. */
  readonly rack?: string | undefined
  /** It stops: what it is at work on is to be others', and it goes on until it is told so. */
  readonly isLeaving?: boolean | undefined
}

/** What a member is given, beside the partitions. */
export interface GivenTasks {
  readonly active: readonly string[]
  /** Tasks whose changelog it is to follow. */
  readonly standby: readonly string[]
  /** Those of them that are to become its own once it has their state. */
  readonly warmUp: readonly string[]
  /** Tasks that are to be its own in the next round, once their owners have let go of them. */
  readonly due?: readonly string[]
  /** Some tasks are to move, and are given to nobody before who has them has let go of them: another round follows. */
  readonly isToBeContinued?: boolean
  /** The topics that each sub-topology reads. */
  readonly topics?: readonly (readonly string[])[]
}

/** What a member has told. */
export const toldBy = (userData: Buffer): MemberTasks =>
  (decodeMemberData(userData) as MemberTasks | undefined) ?? { active: {}, standby: {} }

/** What an assignment gives to a member. */
export const givenTo = (userData: Buffer): GivenTasks =>
  (decodeMemberData(userData) as GivenTasks | undefined) ?? { active: [], standby: [], warmUp: [] }

/** What a member knows of its tasks when it joins. */
export interface OwnTasks extends Pick<MemberTasks, 'standby' | 'entries' | 'rack' | 'isLeaving'> {
  readonly known: ReadonlyMap<string, { readonly task: { readonly state: { readonly entries: number } } }>
  readonly owned: readonly string[]
  /** What the last round gave; undefined where it has lost its place in the group since. */
  readonly given: GivenTasks | undefined
}

/** What a member tells when it joins. */
export const toTell = ({ known, given, owned, ...more }: OwnTasks): MemberTasks => ({
  active: Object.fromEntries([...known].map(([id, { task }]) => [id, task.state.entries])),
  owned,
  awaited: [...(given?.active ?? []), ...(given?.due ?? [])].filter(id => !owned.includes(id)),
  ...more,
})

/** For the log. */
export function inWords({ active, standby, warmUp, due = [] }: GivenTasks): string {
  const kept = standby.filter(id => !warmUp.includes(id))
  const more = [
    ...(due.length > 0 ? [`to be taken over once they are let go of: ${due.join(' ')}`] : []),
    ...(kept.length > 0 ? [`standbys ${kept.join(' ')}`] : []),
    ...(warmUp.length > 0 ? [`warming up, to be taken over once their state is here: ${warmUp.join(' ')}`] : []),
  ]
  return [`tasks ${active.join(' ') || 'none'}`, ...more].join('; ')
}
