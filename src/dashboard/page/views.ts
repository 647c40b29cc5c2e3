import type { ComponentType } from 'preact'
import type { RouteName, ViewProps } from './lib/routes'

/** Each view is a separate module, loaded when it is first opened: `export default function TopicsPage({ route }: ViewProps)`. */
export type LoadView = () => Promise<{ readonly default: ComponentType<ViewProps> }>

/** The views that there are. The rail shows a place when its view stands here. */
export const views: Readonly<Partial<Record<RouteName, LoadView>>> = {
  overview: () => import('./overview/overview-page'),
  fleet: () => import('./fleet/fleet-page'),
  brokers: () => import('./cluster/brokers-page'),
  topics: () => import('./cluster/topics-page'),
  topic: () => import('./cluster/topic-page'),
  groups: () => import('./cluster/groups-page'),
  group: () => import('./cluster/group-page'),
  schemas: () => import('./cluster/schemas-page'),
  schema: () => import('./cluster/schema-page'),
  'dead-letters': () => import('./cluster/dead-letters-page'),
  topology: () => import('./topology/topology-page'),
}
