/** The door for programs that ask: a running topology, or anybody, over Kafka. A topology imports nothing from here. */

export { createBroker } from './connectors/kafka/create-broker'
export type { KafkaBrokerOptions } from './connectors/kafka/kafka-broker'
export { type RequestServer, type ServeOptions, serveRequests } from './connectors/kafka/serve-requests'
export { Requester, type RequesterOptions, type RequestOptions } from './connectors/requests/requester'
export type { Handler, Request } from './connectors/requests/responder'
export { Asker, type AskerOptions, type AskOptions } from './engine/queries/asker'
export type { Answer, AnswerEntry, Question } from './engine/queries/question'
export { NoReplyError, NotFoundError, RefusalError, UnavailableError, UsageError } from './errors'
