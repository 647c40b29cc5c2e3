import type { Broker } from '../../connectors/broker'
import type { StoreSpec } from '../../dsl/graph'
import { TopologyError } from '../../errors'
import { changelogTopic } from '../../names'
import { KeptTimes } from './kept-times'
import { topicsInUse } from './owned-topics'
import { splitState } from './partition-mismatch'
import type { Plan } from './plan'
import { partitionsOf } from './width'

/** Where the manifest stands in the times changelog, partition 0. */
const manifestName = 'weir/stores'

/** What a task keeps of the manifest: partition 0 of the topology's first part with state keeps it for all. */
export const keptManifest = (partition: number, manifest: Manifest | undefined): [string, unknown][] =>
  partition === 0 && manifest !== undefined ? [[manifestName, manifest]] : []

/** What an application has in Kafka, kept with its state so that a later version of the topology can be compared with it. */
export interface Manifest {
  /** What makes each store's state what it is, by name: after an edit that changes it the old state can't be used. */
  readonly stores: Readonly<Record<string, string>>
  /** The topics that weir made for this version of the topology and for those before it. */
  readonly topics: readonly string[]
  /** Over how many tasks each store is spread, by name: what is kept by key is where its key is. */
  readonly widths: Readonly<Record<string, number>>
  /** Source topics that state was made wider for: records of theirs may lie where their keys were before. */
  readonly grown: readonly string[]
}

const nothing: Manifest = { stores: {}, topics: [], widths: {}, grown: [] }

/** The manifest of a plan: kind and settings (window sizes) of every store that is restored, and its topics beside the `former` ones. */
export function manifestOf(
  { topology, subTopologies }: Plan,
  former: readonly string[] = [],
  counts: ReadonlyMap<string, number> = new Map(),
  grown: readonly string[] = [],
): Manifest {
  const kept = subTopologies.flatMap(part =>
    part.stores.filter(isRestored).map(store => ({ store, width: partitionsOf(part, counts) })),
  )
  return {
    stores: Object.fromEntries(
      kept.map(({ store: { name, kind, identity = '', sourceTopic } }) => [
        name,
        [kind, identity, sourceTopic && `restored from topic ${sourceTopic}`].filter(Boolean).join(' '),
      ]),
    ),
    topics: [...new Set([...former, ...topicsInUse({ topology, subTopologies })])].sort(),
    widths: Object.fromEntries(kept.filter(({ width }) => width > 0).map(({ store, width }) => [store.name, width])),
    grown: [...grown].sort(),
  }
}

const isRestored = ({ changelog, sourceTopic }: StoreSpec) => changelog || sourceTopic !== undefined

type ManifestBroker = Pick<Broker, 'partitionCounts' | 'readPartition' | 'stableOffset' | 'deleteTopics'>

export interface StateCheck {
  /** Stores that begin anew, or that nothing uses any more. */
  readonly dropped: readonly string[]
  /** Topics that weir made for former versions of the topology. */
  readonly topics: readonly string[]
}

/**
 * Compares the state that an application has in Kafka with what its topology now needs. Throws TopologyError when an edit
 * would leave state behind (a renamed store) or read it as something else (another window size under the same name); with
 * `acceptNewState` the changed stores begin anew and what was left behind is forgotten. `manifest`: what is kept, where it has been read already.
 */
export async function checkState(
  plan: Plan,
  broker: ManifestBroker,
  acceptNewState: boolean,
  counts?: ReadonlyMap<string, number>,
  manifest?: Manifest,
): Promise<StateCheck> {
  const application = plan.topology.name
  const { stores: former, topics, widths } = manifest ?? (await readManifest(application, broker))
  const { stores: now } = manifestOf(plan)
  for (const part of plan.subTopologies) {
    const kept = part.stores.map(({ name }) => widths[name]).find(width => width !== undefined)
    if (counts !== undefined && kept !== undefined && kept !== partitionsOf(part, counts))
      throw splitState(part, counts, kept, application)
  }
  const left = Object.keys(former).filter(name => now[name] === undefined)
  const changed = Object.entries(now).flatMap(([name, kind]) =>
    former[name] === undefined || isSame(former[name], kind) ? [] : [name],
  )
  const gone = await goneStores(plan, former, broker)
  if (left.length === 0 && changed.length === 0 && gone.length === 0) return { dropped: [], topics }
  if (!acceptNewState) throw refusal(application, left, changed, gone, former, now)
  const dropped = [...new Set([...left, ...changed, ...gone])]
  await broker.deleteTopics(dropped.map(name => changelogTopic(application, name)))
  return { dropped, topics }
}

/** Stores that were kept, and whose changelogs aren't there any more: begun anew without a word, they would be other answers. */
async function goneStores(
  { topology, subTopologies }: Plan,
  former: Manifest['stores'],
  broker: ManifestBroker,
): Promise<string[]> {
  const kept = subTopologies
    .flatMap(({ stores }) => stores)
    .filter(({ name, changelog }) => changelog && name in former)
  if (kept.length === 0) return []
  const there = await broker.partitionCounts(kept.map(({ name }) => changelogTopic(topology.name, name)))
  return kept.flatMap(({ name }) => (there.has(changelogTopic(topology.name, name)) ? [] : [name]))
}

/** The aggregation behind a store, which manifests of former builds lack: a state isn't refused for what they left out. */
const aggregation = /^ (count|reduce|aggregate|of \{.*\})$/

const isSame = (former: string, now: string) =>
  former === now || (now.startsWith(former) && aggregation.test(now.slice(former.length)))

/** Reads what an application has kept of its state; nothing for one that never ran, or that keeps no state. */
export async function readManifest(
  application: string,
  broker: Pick<Broker, 'partitionCounts' | 'readPartition' | 'stableOffset'>,
): Promise<Manifest> {
  const kept = (await KeptTimes.read(application, 0, broker)).get(manifestName)
  return kept === undefined ? nothing : parsed(kept)
}

/** Former builds kept the stores alone, or no widths. */
function parsed(kept: unknown): Manifest {
  const { topics } = kept as Partial<Manifest>
  return Array.isArray(topics)
    ? { ...nothing, ...(kept as Manifest) }
    : { ...nothing, stores: kept as Manifest['stores'] }
}

function refusal(
  application: string,
  left: string[],
  changed: string[],
  gone: string[],
  former: Manifest['stores'],
  now: Manifest['stores'],
): TopologyError {
  const faults = [
    ...left.map(
      name => `store "${name}" is not in the topology any more: its state would be left behind (was the step renamed?)`,
    ),
    ...gone.map(name => `store "${name}" has lost its state: topic ${changelogTopic(application, name)} was deleted`),
    ...changed.map(
      name =>
        `store "${name}" was ${former[name]} and is now ${now[name]}: the old state would be read as something else`,
    ),
  ]
  return new TopologyError(
    `topology "${application}" doesn't fit the state that it has: ${faults.join('; ')}. ` +
      'Give the steps their former names and settings, or start with --accept-new-state to begin these stores anew.',
  )
}
