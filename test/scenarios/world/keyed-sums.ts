import { count, json, sum, text, topology } from '../../../src'

/** A count and a sum by key: a state with an entry for every key. */
export default topology('keyed-sums', streams => {
  streams
    .stream('numbers', { key: text, value: json<{ n: number }>() })
    .groupByKey()
    .aggregate({ name: 'sums', of: { count: count(), sum: sum('n') } })
    .toStream()
    .to('sums', { key: text, value: json() })
})
