import { z } from 'zod'
import { applicationList } from './applications'
import { clusterView } from './cluster'
import { answerOf } from './common'
import * as letters from './dead-letters'
import * as fleet from './fleet'
import * as groups from './groups'
import * as messages from './messages'
import * as schemas from './schemas'
import { settingsView } from './settings'
import { storeEntries, storeQuery } from './stores'
import * as topics from './topics'

/** What a route takes and returns; where `picture` is true, `answer` is wrapped in an Answer, since it may be old. */
export interface Route {
  readonly about: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodObject
  readonly answer: z.ZodType
}

/** A route that reads: its last answer can be sent again while a service is down. */
const look = <const R extends Route>({ answer, ...route }: R) => ({ ...route, answer: answerOf(answer as R['answer']) })

const topic = z.object({ topic: z.string() })
const group = z.object({ group: z.string() })
const subject = z.object({ subject: z.string() })
const at = z.object({
  topic: z.string(),
  partition: z.coerce.number<number>().int().min(0),
  offset: z.coerce.number<number>().int().min(0),
})
const store = z.object({ application: z.string(), store: z.string() })
const version = z.object({ subject: z.string(), version: z.coerce.number<number>().int().min(1) })
const letterGroup = z.object({ id: z.string().max(300) })

/** Every call of the API by method and path. `/api/openapi.json` is made from it, and the server has one function for each. */
export const routes = {
  'GET /api/settings': { about: 'What this server is and may do', answer: settingsView },
  'GET /api/applications': look({ about: 'Applications as their vitals describe them', answer: applicationList }),
  'GET /api/applications/:application/stores/:store': look({
    about: 'Entries of a store by key, a page at a time, as of the last commits',
    params: store,
    query: storeQuery,
    answer: storeEntries,
  }),
  'GET /api/cluster': look({ about: 'Brokers and totals', answer: clusterView }),
  'GET /api/topics': look({ about: 'Topics, a page at a time', query: topics.topicsQuery, answer: topics.topicPage }),
  'GET /api/topics/:topic': look({
    about: 'Partitions, settings and readers of a topic',
    params: topic,
    answer: topics.topicView,
  }),
  'POST /api/topics': { about: 'Creates a topic', body: topics.newTopic, answer: topics.topicCreated },
  'DELETE /api/topics/:topic': {
    about: 'Deletes a topic with all its records',
    params: topic,
    body: topics.deletion,
    answer: topics.topicDeleted,
  },
  'PATCH /api/topics/:topic/settings': {
    about: 'Changes settings of a topic',
    params: topic,
    body: topics.settingChanges,
    answer: topics.settingsChanged,
  },
  'GET /api/topics/:topic/messages': look({
    about: 'A page of messages from an offset, a time or an end',
    params: topic,
    query: messages.messagesQuery,
    answer: messages.messagePage,
  }),
  'GET /api/topics/:topic/messages/:partition/:offset': look({
    about: 'One message, whole',
    params: at,
    query: messages.messageQuery,
    answer: messages.message,
  }),
  'POST /api/topics/:topic/messages': {
    about: 'Writes a message',
    params: topic,
    body: messages.newMessage,
    answer: messages.messageProduced,
  },
  'GET /api/groups': look({
    about: 'Groups with lag and warnings, a page at a time',
    query: groups.groupsQuery,
    answer: groups.groupPage,
  }),
  'GET /api/groups/:group': look({
    about: 'Members, partitions and lag of a group',
    params: group,
    answer: groups.groupView,
  }),
  'GET /api/groups/:group/lag': look({
    about: 'Lag over time, since this server runs',
    params: group,
    answer: groups.lagSeries,
  }),
  'POST /api/groups/:group/reset': {
    about: 'Sets the offsets of a group that nobody consumes with',
    params: group,
    body: groups.groupReset,
    answer: groups.groupResetDone,
  },
  'DELETE /api/groups/:group': {
    about: 'Deletes a group, or its offsets of a topic',
    params: group,
    body: groups.groupDeletion,
    answer: groups.groupDeleted,
  },
  'GET /api/fleet/history': look({
    about: 'What Postgres holds of one key over time, for a chart, and where what is live begins',
    query: fleet.fleetHistoryQuery,
    answer: fleet.fleetHistory,
  }),
  'GET /api/subjects': look({
    about: 'Subjects of the schema registry, a page at a time',
    query: schemas.subjectsQuery,
    answer: schemas.subjectPage,
  }),
  'GET /api/subjects/:subject': look({
    about: 'Versions of a subject',
    params: subject,
    answer: schemas.subjectView,
  }),
  'GET /api/subjects/:subject/versions/:version': look({
    about: 'The text of a schema',
    params: version,
    answer: schemas.schemaView,
  }),
  'GET /api/subjects/:subject/difference': look({
    about: 'What changed from one version to another, field by field',
    params: subject,
    query: schemas.schemaDiffQuery,
    answer: schemas.schemaDiff,
  }),
  'GET /api/dead-letters': look({
    about: 'Dead letters by application, step and error',
    query: letters.deadLettersQuery,
    answer: letters.deadLetterGroups,
  }),
  'GET /api/dead-letters/:id': look({
    about: 'The newest letters of one application, step and error',
    params: letterGroup,
    query: letters.letterQuery,
    answer: letters.deadLetterList,
  }),
  'POST /api/dead-letters/:id/redrive': {
    about: 'Sends bad records to the topic that they came from, each once',
    params: letterGroup,
    body: letters.redrive,
    answer: letters.redriven,
  },
} as const satisfies Readonly<Record<string, Route>>

export type RouteName = keyof typeof routes
type Of<R, Key extends string> = R extends Readonly<Record<Key, infer T extends z.ZodType>> ? T : z.ZodUndefined

/** What a caller gives: path parameters, query and body (as JSON). */
export type Params<N extends RouteName> = z.input<Of<(typeof routes)[N], 'params'>>
export type Query<N extends RouteName> = z.input<Of<(typeof routes)[N], 'query'>>
export type Body<N extends RouteName> = z.input<Of<(typeof routes)[N], 'body'>>
/** What the caller gets, with status 200; otherwise a Problem. */
export type Given<N extends RouteName> = z.output<(typeof routes)[N]['answer']>

/** The same as the server's functions get it: checked, with defaults. */
export interface Call<N extends RouteName> {
  readonly params: z.output<Of<(typeof routes)[N], 'params'>>
  readonly query: z.output<Of<(typeof routes)[N], 'query'>>
  readonly body: z.output<Of<(typeof routes)[N], 'body'>>
}
