import type { ComponentChildren } from 'preact'
import { Card, Figure, Figures } from '../components/card'
import { Foreign } from '../components/foreign'
import { ResourceView } from '../components/resource-view'
import { Mark } from '../components/status'
import { useResource } from '../data/use-resource'
import { bytes, counted, exact } from '../lib/format'
import { pathTo, type RouteName } from '../lib/routes'

const everyMs = 5000

/** The cluster in a few figures, and what is wrong with it: partitions without a leader or a replica, groups that nobody reads with. */
export function ClusterCard() {
  const cluster = useResource('GET /api/cluster', {}, everyMs)
  const groups = useResource('GET /api/groups', { query: { warned: 'true', limit: 20 } }, everyMs)
  const rows = groups.data?.rows ?? []
  return (
    <Card title="Cluster">
      <ResourceView of={cluster} height={70}>
        {({ brokers, topics, partitions, underReplicated, leaderless, groups: many }) => {
          const sizes = brokers.flatMap(broker => broker.bytes ?? [])
          return (
            <div class="stack">
              <Figures>
                <Figure label="Brokers" value={<To place="brokers">{exact(brokers.length)}</To>} />
                <Figure
                  label="Topics"
                  value={<To place="topics">{exact(topics)}</To>}
                  note={counted(partitions, 'partition')}
                />
                <Figure label="Groups" value={<To place="groups">{exact(many)}</To>} />
                <Figure
                  label="On disk"
                  value={sizes.length === 0 ? '–' : bytes(sizes.reduce((sum, each) => sum + each, 0))}
                  note="of all replicas"
                />
              </Figures>
              {leaderless + underReplicated + rows.length > 0 && (
                <ul class="findings">
                  {leaderless > 0 && <Warning tone="red">{counted(leaderless, 'partition')} without a leader</Warning>}
                  {underReplicated > 0 && (
                    <Warning tone="amber">
                      {counted(underReplicated, 'partition')} with too few replicas in sync
                    </Warning>
                  )}
                  {rows.map(({ group, warnings }) => (
                    <Warning key={group} tone="amber">
                      <Foreign>{group}</Foreign>: {warnings.map(({ what }) => what).join('; ')}
                    </Warning>
                  ))}
                </ul>
              )}
            </div>
          )
        }}
      </ResourceView>
    </Card>
  )
}

function Warning({ tone, children }: { readonly tone: 'amber' | 'red'; readonly children: ComponentChildren }) {
  return (
    <li class={`finding ${tone}`}>
      <Mark tone={tone} />
      <p>{children}</p>
    </li>
  )
}

/** A figure that leads to its view. */
function To({ place, children }: { readonly place: RouteName; readonly children: ComponentChildren }) {
  return <a href={pathTo(place)}>{children}</a>
}
