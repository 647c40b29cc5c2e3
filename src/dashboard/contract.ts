/**
 * What the dashboard's page and its server say to each other. Types alone, so that a page takes nothing from it; each is inferred from the schema by which the server checks
 * what it is given and describes itself (`/api/openapi.json`).
 *
 * Calls are named by method and path: `Given<'GET /api/topics'>` is what `GET /api/topics` answers, `Query<'GET /api/topics'>` what may stand in its query. What is
 * looked at comes within an `Answer` with its age; changes are made only with `confirm` and a server that was started with `--allow-writes`.
 *
 * @example
 * const answer: Given<'GET /api/topics'> = await (await fetch('/api/topics?search=sensor')).json()
 * answer.data.rows[0]?.topic
 */
export type {
  ApplicationHistory,
  ApplicationList,
  ApplicationNews,
  ApplicationState,
  SampledRecords,
  ToldApplication,
  ToldNode,
  ToldWorker,
} from './contract/applications'
export type { BrokerRow, ClusterView } from './contract/cluster'
export type { Answer, Outage, Page, Problem, Service } from './contract/common'
export type { DeadLetterGroup, DeadLetterGroups, DeadLetterView } from './contract/dead-letters'
export type { FleetHistory } from './contract/fleet'
export type {
  GroupMemberView,
  GroupPage,
  GroupPartitionView,
  GroupRow,
  GroupView,
  GroupWarning,
  LagSeries,
} from './contract/groups'
export type {
  ClientMessage,
  LiveData,
  LiveProblem,
  SearchProgress,
  ServerMessage,
  Subscription,
  SubscriptionKind,
  Tailed,
} from './contract/live'
export type { Message, MessageFormat, MessagePage, MessagePart } from './contract/messages'
export type { Body, Given, Params, Query, RouteName } from './contract/routes'
export type { SchemaChangeView, SchemaView, SubjectView } from './contract/schemas'
export type { SettingsView } from './contract/settings'
export type { StoreEntries } from './contract/stores'
export type { TopicPage, TopicPartitionView, TopicRow, TopicSetting, TopicView } from './contract/topics'
