import { queriesTopic, repliesTopic } from '../../names'

/** Nobody waits longer for an answer than a minute; the rest is for people who look. */
const retentionMs = 600_000

/** Kafka's own time decides whether a question is still waited for: the requester's clock may be wrong. */
const configs = {
  'cleanup.policy': 'delete',
  'retention.ms': String(retentionMs),
  'segment.ms': String(retentionMs),
  'segment.bytes': String(16 * 1024 * 1024),
  'message.timestamp.type': 'LogAppendTime',
}

/** The two topics of an application whose stores can be asked, and their settings. */
export const queryTopicNeeds = (application: string) =>
  [queriesTopic(application), repliesTopic(application)].map(topic => ({ topic, configs }))
