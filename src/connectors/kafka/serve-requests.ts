import { anything, callback, checkOptions, needed, type OptionKinds, word, words } from '../../checked-options'
import { ConfigError } from '../../errors'
import type { Broker } from '../broker'
import { Responder, type ResponderOptions } from '../requests/responder'
import { rangeAssignor } from './group/group-assignment'

export interface ServeOptions extends Omit<ResponderOptions, 'broker'> {
  /** Its application id is the group: all that serve under it share the partitions. */
  readonly broker: Broker
}

/** A program that answers requests, one of a group. */
export interface RequestServer {
  readonly counts: Responder['counts']
  close(): Promise<void>
}

const known: OptionKinds = {
  ...{ broker: needed(anything), topic: needed(word), replyTopics: needed(words), handle: needed(callback) },
  ...{ nowMs: needed(callback), log: needed(anything) },
}

/**
 * Answers the requests of a topic as a member of a group: each partition is one member's, and another's when that one goes. Throws
 * ConfigError for options that can't be.
 */
export function serveRequests(options: ServeOptions): RequestServer {
  checkOptions('serveRequests', options, known, ConfigError)
  const { broker, topic } = options
  const responder = new Responder(options)
  const group = broker.joinGroup({
    topics: () => [topic],
    assignor: rangeAssignor,
    onAssigned: ({ partitions }) => responder.assign(partitions.map(({ partition }) => partition)),
    onRevoke: async () => responder.assign([]),
    onLost: () => responder.assign([]),
  })
  return {
    counts: responder.counts,
    async close() {
      await group.leave()
      await responder.close()
    },
  }
}
