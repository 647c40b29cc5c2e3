import {
  anything,
  checkOptions,
  kind,
  needed,
  type OptionKinds,
  oneOf,
  plain,
  whole,
  word,
} from '../../checked-options'
import { ConfigError } from '../../errors'
import { addresses, saslFaults } from '../../kafka-settings'
import type { Broker } from '../broker'
import { type KafkaBrokerOptions, createBroker as uncheckedBroker } from './kafka-broker'

const known: OptionKinds = {
  application: needed(word),
  brokers: needed(addresses),
  guarantee: needed(oneOf('exactly_once', 'at_least_once')),
  sessionTimeoutMs: needed(whole(1, 'ms')),
  groupInstanceId: word,
  replicationFactor: whole(1),
  ssl: kind('true, false, or options of tls.connect()', value => typeof value === 'boolean' || plain.fits(value)),
  sasl: plain,
  requestTimeoutMs: whole(1, 'ms'),
  connectionTimeoutMs: whole(1, 'ms'),
  outages: anything,
}

/** Kafka over one cluster's connections, for a program of one's own. Throws ConfigError for options that can't be. */
export function createBroker(options: KafkaBrokerOptions): Broker {
  checkOptions('createBroker', options, known, ConfigError)
  const [fault] = options.sasl === undefined ? [] : saslFaults(options.sasl)
  if (fault !== undefined) throw new ConfigError(`createBroker: ${fault}`)
  return uncheckedBroker(options)
}
