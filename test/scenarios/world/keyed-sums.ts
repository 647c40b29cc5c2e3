import { count, json, sum, text, topology } from '../../../src'

/** Who shares a Kafka with others begins its names with something else. */
const { WEIR_TEST_SUMS: prefix = '' } = process.env

/** A count and a sum by key: a state with an entry for every key. */
export default topology(`${prefix}keyed-sums`, streams => {
  streams
    .stream(`${prefix}numbers`, { key: text, value: json<{ n: number }>() })
    .groupByKey()
    .aggregate({ name: 'sums', of: { count: count(), sum: sum('n') } })
    .toStream()
    .to(`${prefix}sums`, { key: text, value: json() })
})
