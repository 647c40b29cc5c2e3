import { timeout } from '../../codecs/duration'
import { FORMATS, type Format } from './output'
import type { VerbOption } from './verb'

export interface CommonOptions {
  readonly brokers?: string
  readonly registry?: string
  readonly output: Format
  readonly timeout: number
}

/** The options that every verb takes. */
export const common = (output: Format = 'table'): readonly VerbOption[] => [
  {
    flags: '-b, --brokers <host:port,...>',
    about: 'Kafka brokers (KAFKA_BROKERS, else the local stack, else 127.0.0.1:9092)',
  },
  { flags: '--registry <url>', about: 'schema registry (SCHEMA_REGISTRY_URL, else the local stack)' },
  { flags: '-o, --output <format>', about: 'how data is printed', default: output, choices: FORMATS },
  { flags: '--timeout <duration>', about: 'how long a service may take to answer', parse: timeout, default: 10_000 },
]
