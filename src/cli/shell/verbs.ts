import type { Verb } from '../shared/verb'

/** A verb is loaded when it is called: what one needs must not slow the others' start. */
export interface Entry {
  readonly summary: string
  readonly load: () => Verb
}

const load = (file: string) => () => (require(file) as { default: Verb }).default

/** A program of its own, with its own arguments, signals and exit codes: what serves until it is ended. */
export interface Program {
  readonly summary: string
  /** Runs it on this process's arguments. */
  readonly load: () => unknown
}

const program = (file: string) => () => require(file)

export const programs: Readonly<Record<string, Program>> = {
  init: { summary: 'add a topology that runs to the project of this folder', load: program('../programs/init') },
  dev: {
    summary: 'run a topology while you write it: services, topics, tables, reload on save',
    load: program('../programs/dev'),
  },
  run: { summary: 'run topologies against the configured services', load: program('../programs/topology') },
  stack: { summary: 'the local services: up, down, status, logs, reset', load: program('../programs/stack') },
}

/** All commands, by noun and verb, in the order in which help shows them. */
export const verbs: Readonly<Record<string, Entry>> = {
  cluster: { summary: 'the brokers, what they lead, and whether all is well', load: load('../verbs/cluster') },
  'topics list': { summary: 'list the topics', load: load('../verbs/topics/list') },
  'topics create': { summary: 'create a topic', load: load('../verbs/topics/create') },
  'topics delete': { summary: 'delete topics with all their records', load: load('../verbs/topics/delete') },
  'topics describe': {
    summary: 'partitions, leaders, replicas, offsets, size and settings of topics',
    load: load('../verbs/topics/describe'),
  },
  'topics offsets': { summary: 'first and last offset of each partition', load: load('../verbs/topics/offsets') },
  'topics count': { summary: 'how many records topics have', load: load('../verbs/topics/count') },
  'topics config': { summary: 'show or change the settings of a topic', load: load('../verbs/topics/config') },
  'topics delete-records': {
    summary: 'delete the oldest records of a topic',
    load: load('../verbs/topics/delete-records'),
  },
  produce: { summary: 'write lines of text or JSON to a topic', load: load('../verbs/produce') },
  consume: { summary: 'read records of topics', load: load('../verbs/consume') },
  peek: { summary: 'look at records without moving anything', load: load('../verbs/peek') },
  'groups list': { summary: 'list the consumer groups and their states', load: load('../verbs/groups/list') },
  'groups describe': {
    summary: 'who consumes what, how far, and how far behind',
    load: load('../verbs/groups/describe'),
  },
  'groups lag': { summary: 'how far groups are behind, topic by topic', load: load('../verbs/groups/lag') },
  'groups members': { summary: 'the members of a group and what they have', load: load('../verbs/groups/members') },
  'groups reset': { summary: 'set the offsets of a group', load: load('../verbs/groups/reset') },
  'groups export': { summary: 'the offsets of groups, as a file', load: load('../verbs/groups/export') },
  'groups import': { summary: 'set the offsets of groups from a file', load: load('../verbs/groups/import') },
  'groups delete': { summary: 'delete a group, or its offsets of a topic', load: load('../verbs/groups/delete') },
  'dead-letters list': {
    summary: 'bad records by application, step and error',
    load: load('../verbs/dead-letters/list'),
  },
  'dead-letters redrive': {
    summary: 'send bad records to their topic again, each once',
    load: load('../verbs/dead-letters/redrive'),
  },
  'schemas list': { summary: 'list the subjects of the registry', load: load('../verbs/schemas/list') },
  'schemas show': { summary: 'show a schema', load: load('../verbs/schemas/show') },
  'schemas check': { summary: 'would the registry take this schema?', load: load('../verbs/schemas/check') },
  'schemas register': { summary: 'register a schema', load: load('../verbs/schemas/register') },
  'schemas compatibility': {
    summary: 'show or change what a new schema must fit',
    load: load('../verbs/schemas/compatibility'),
  },
  'schemas delete': { summary: 'delete a subject, or a version of it', load: load('../verbs/schemas/delete') },
  'schemas types': { summary: 'TypeScript from a folder of schemas', load: load('../verbs/schemas/types') },
  'schemas diff': { summary: 'what changed between two schemas', load: load('../verbs/schemas/diff') },
  'topology list': { summary: 'list the topologies of a folder', load: load('../verbs/topology/list') },
  'topology describe': { summary: 'draw a topology', load: load('../verbs/topology/describe') },
  'topology plan': {
    summary: 'which topics a start would create, keep or leave',
    load: load('../verbs/topology/plan'),
  },
  'topology grow': {
    summary: 'spread the state of a topology over more partitions',
    load: load('../verbs/topology/grow'),
  },
  'topology reset': { summary: 'put a topology back to its start', load: load('../verbs/topology/reset') },
  'topology state': { summary: 'read a store of a running topology', load: load('../verbs/topology/state') },
  ask: { summary: 'ask a running topology what it knows of a key now', load: load('../verbs/ask') },
  doctor: {
    summary: 'all that is missing or unlike for a topology, and what mends it',
    load: load('../verbs/doctor'),
  },
  migrate: { summary: 'make the tables that topologies write', load: load('../verbs/migrate') },
  test: { summary: 'run a topology on a file of records, and crash it everywhere', load: load('../verbs/test') },
  dashboard: { summary: 'one page of the cluster and of what runs on it', load: load('../verbs/dashboard') },
  completion: { summary: 'completion for bash, zsh and fish', load: load('../verbs/completion') },
  help: { summary: 'all commands with examples, and what they have in common', load: load('./help') },
}

export const nouns: Readonly<Record<string, string>> = {
  topics: 'topics of the cluster',
  groups: 'consumer groups',
  'dead-letters': 'records that failed, and sending them again',
  schemas: 'schemas of the registry',
  topology: 'topologies: the ones in this repository, and what runs of them',
}
