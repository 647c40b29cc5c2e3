import type { Verb } from './verb'

/** A verb is loaded when it is called: what one needs must not slow the others' start. */
export interface Entry {
  readonly summary: string
  readonly load: () => Verb
}

const load = (file: string) => () => (require(file) as { default: Verb }).default

/** All commands, by noun and verb, in the order in which help shows them. */
export const verbs: Readonly<Record<string, Entry>> = {
  'topics list': { summary: 'list the topics', load: load('./topics-list') },
  'topics describe': {
    summary: 'partitions, leaders, replicas, offsets, size and configuration of topics',
    load: load('./topics-describe'),
  },
  'groups list': { summary: 'list the consumer groups and their states', load: load('./groups-list') },
  'groups describe': {
    summary: 'who consumes what, how far, and how far behind',
    load: load('./groups-describe'),
  },
  migrate: { summary: 'bring the tables in Postgres to what a topology needs', load: load('./migrate') },
}

export const nouns: Readonly<Record<string, string>> = {
  topics: 'topics of the cluster',
  groups: 'consumer groups',
  schemas: 'schemas of the registry',
  topology: 'topologies: the ones in this repository, and what runs of them',
}
