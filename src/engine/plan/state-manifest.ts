import type { Broker } from '../../connectors/broker'
import { TopologyError } from '../../errors'
import { parseState } from '../../state/state-codec'
import { changelogTopic } from '../task/changelog'
import { type Plan, timesTopic } from './plan'

/** Where the manifest stands in the times changelog, partition 0. */
export const manifestName = 'weir/stores'

/** What makes each store's state what it is, by name: an edit that changes it can't go on with the old state. */
export type Manifest = Readonly<Record<string, string>>

/** The manifest of a plan: kind and settings (window sizes) of every store that is restored. */
export function manifestOf(plan: Plan): Manifest {
  const stores = plan.subTopologies.flatMap(part => part.stores).filter(store => store.changelog || store.sourceTopic)
  return Object.fromEntries(
    stores.map(({ name, kind, identity = '', sourceTopic }) => [
      name,
      [kind, identity, sourceTopic && `restored from topic ${sourceTopic}`].filter(Boolean).join(' '),
    ]),
  )
}

/**
 * Compares the state that an application has in Kafka with what its topology now needs. Throws TopologyError when an edit
 * would leave state behind (a renamed store) or read it as something else (another window size under the same name); with
 * `acceptNewState` the changed stores begin anew and what was left behind is forgotten; their names are returned.
 */
export async function checkState(plan: Plan, broker: Broker, acceptNewState: boolean): Promise<string[]> {
  const application = plan.topology.name
  const former = await readManifest(application, broker)
  if (former === undefined) return []
  const now = manifestOf(plan)
  const left = Object.keys(former).filter(name => now[name] === undefined)
  const changed = Object.keys(now).filter(name => former[name] !== undefined && !isSame(former[name], now[name]!))
  if (left.length === 0 && changed.length === 0) return []
  if (!acceptNewState) throw refusal(application, left, changed, former, now)
  const dropped = [...left, ...changed]
  await broker.deleteTopics(dropped.map(name => changelogTopic(application, name)))
  return dropped
}

/** The aggregation behind a store, which manifests of former builds don't tell: what they leave open isn't held against the state. */
const aggregation = /^ (count|reduce|aggregate|of \{.*\})$/

const isSame = (former: string, now: string) =>
  former === now || (now.startsWith(former) && aggregation.test(now.slice(former.length)))

async function readManifest(application: string, broker: Broker): Promise<Manifest | undefined> {
  const topic = timesTopic(application)
  if (!(await broker.partitionCounts([topic])).has(topic)) return undefined
  let manifest: Manifest | undefined
  for await (const { buffer, count, keyStart, keyEnd, valueStart, valueEnd } of broker.readPartition({
    topic,
    partition: 0,
  }))
    for (let i = 0; i < count; i++)
      if (buffer.toString('utf8', keyStart[i]!, keyEnd[i]!) === manifestName && valueStart[i]! >= 0)
        manifest = parseState(buffer.toString('utf8', valueStart[i]!, valueEnd[i]!)) as Manifest
  return manifest
}

function refusal(
  application: string,
  left: string[],
  changed: string[],
  former: Manifest,
  now: Manifest,
): TopologyError {
  const faults = [
    ...left.map(
      name => `store "${name}" is not in the topology any more: its state would be left behind (was the step renamed?)`,
    ),
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
