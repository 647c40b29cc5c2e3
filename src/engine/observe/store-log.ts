import type { GraphNode, StoreSpec, WindowAggregateSpec, Windows } from '../../dsl/graph'
import { changelogTopic } from '../../names'
import type { StoreDescription } from '../../vitals/format'
import { isStamped } from '../queries/store-places'

/** Where a store's entries can be read by who knows nothing of the topology; nothing for a store that is derived anew. */
export function storeLog(application: string, spec: StoreSpec, owner: GraphNode): Pick<StoreDescription, 'log'> {
  const { name, changelog, sourceTopic } = spec
  const topic = changelog ? changelogTopic(application, name) : sourceTopic
  if (topic === undefined) return {}
  const { windows, figures } = owner.spec as Partial<WindowAggregateSpec>
  const windowMs = spec.kind === 'window' ? lengthOf(windows) : undefined
  return {
    log: {
      ...{ topic, holds: changelog ? 'state' : 'records', isStamped: isStamped(spec, owner) },
      ...(windowMs !== undefined && { windowMs }),
      ...(figures !== undefined && { figures }),
    },
  }
}

function lengthOf(windows: Windows | undefined): number | undefined {
  if (windows?.type === 'time') return windows.sizeMs
  return windows?.type === 'sliding' ? windows.timeDifferenceMs : undefined
}
