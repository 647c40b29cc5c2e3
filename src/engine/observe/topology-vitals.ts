import { createHash } from 'node:crypto'
import { canBeAsked } from '../../state/sealed-view'
import type { EndDescription, StoreDescription, TopologyVitals } from '../../vitals/format'
import { describedParts } from '../picture/describe'
import type { Plan } from '../plan/plan'
import { targetsOf } from '../plan/targets'
import { partitionsOf } from '../plan/width'
import { storePlaces } from '../queries/store-places'
import { storeLog } from './store-log'

/** A topology as its vitals describe it. `counts`: partitions by topic. */
export function topologyVitals(
  plan: Plan,
  counts: ReadonlyMap<string, number>,
  { version, atMs }: { readonly version: string; readonly atMs: number },
): TopologyVitals {
  const { name: application, queries } = plan.topology
  const parts = describedParts(plan)
  const body = { parts, stores: storesOf(plan, counts), ends: endsOf(plan) }
  const epoch = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 12)
  const asked = queries && { queries: { key: queries.key, stores: queries.stores } }
  return { v: 1, kind: 'topology', application, epoch, version, atMs, ...body, ...asked }
}

function storesOf(plan: Plan, counts: ReadonlyMap<string, number>): StoreDescription[] {
  const widest = Math.max(1, ...plan.subTopologies.map(part => partitionsOf(part, counts)))
  return [...storePlaces(plan)].map(([name, { spec, owner, part, key, topic }]) => ({
    ...{ name, kind: spec.kind, location: spec.location ?? 'memory', key: key.name, keyTopic: topic },
    ...(part !== undefined && { part: part.id }),
    width: part === undefined ? widest : partitionsOf(part, counts),
    canBeAsked: canBeAsked(spec.kind),
    ...storeLog(plan.topology.name, spec, owner),
  }))
}

const endsOf = ({ topology }: Plan): EndDescription[] =>
  targetsOf(topology).map(({ name, end: { kind, guarantee } }) => ({ name, kind, guarantee }))
