import { json, text, topology } from '../../../src'

export const input = 'counted_on_disk'
export const output = 'counts_on_disk'

/** Counts by key in a store on disk. */
export default topology('counts-on-disk', streams => {
  streams
    .stream(input, { key: text, value: json<number>() })
    .groupByKey()
    .count({ name: 'counts', location: 'disk' })
    .toStream()
    .to(output, { key: text, value: json() })
})
