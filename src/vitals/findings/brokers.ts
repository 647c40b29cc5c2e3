import type { Finding } from '../diagnosis'
import { lengthInWords, listed } from '../words'
import { chainOf, forLong, lagInWords, outageInWords, type Search } from './search'

/** Kafka away as a whole, or a broker of it. */
export function findBrokers({ application, surroundings, nowMs }: Search): Finding[] {
  const { kafkaAway, brokersAway = [] } = surroundings
  const { workers } = application
  const told = workers.flatMap(({ tally, presence }) =>
    presence === 'here' ? tally.outages.filter(({ service }) => service === 'Kafka') : [],
  )
  const away = kafkaAway ?? told[0]
  const held = { workers: workers.map(({ tally }) => tally.worker), tasks: application.tasks.map(({ id }) => id) }
  if (away !== undefined) {
    const sentence = outageInWords('Kafka', away.reason, away.sinceMs, nowMs)
    return [
      {
        ...{ kind: 'broker-down', colour: 'red', sentence, sinceMs: away.sinceMs, touches: held },
        chain: chainOf(
          sentence,
          'nothing can be read or committed',
          kafkaAway === undefined ? undefined : `this picture is ${lengthInWords(nowMs - away.sinceMs)} old`,
          lagInWords(application.lag),
        ),
      },
    ]
  }
  return brokersAway.length === 0 ? [] : [brokersFinding(brokersAway, nowMs)]
}

/** Amber: the other brokers have its partitions. */
function brokersFinding(away: NonNullable<Search['surroundings']['brokersAway']>, nowMs: number): Finding {
  const sinceMs = Math.min(...away.map(each => each.sinceMs))
  const names = listed(away.map(({ name }) => name))
  const sentence = `broker ${names} ${away.length === 1 ? 'has' : 'have'} been down${forLong(sinceMs, nowMs)}`
  return {
    ...{ kind: 'broker-down', colour: 'amber', sentence, sinceMs, touches: {} },
    chain: [sentence, 'its partitions have fewer replicas, or no leader'],
  }
}
