/** The door for those who bring an end of their own: its contract, the errors it answers with, and what it is given. */
export type { Chunk, Encoder, End, EndSettings, Sink, SinkPosition, SinkTask, Target } from './connectors/sink'
export { ContentError, FencedError, type Position, ProcessError, SinkError, UnavailableError } from './errors'
export type { Log } from './log'
export type { Outages } from './outages'
export type { Headers, StreamRecord } from './record'
