import { json, text, topology, tumbling } from '../../../src'

export interface Click {
  readonly city: string
  readonly n: number
}

const counts = { key: text, value: json<any>() }

/** Counts clicks as they are keyed, and by city in a window behind a repartition, which is of years. */
export default topology('clicks', streams => {
  const clicks = streams.stream('clicks', { key: text, value: json<Click>() })
  clicks.groupByKey().count({ name: 'by-person' }).toStream().to('clicks-by-person', counts)
  clicks
    .groupBy(({ city }) => city, { name: 'city' })
    .windowedBy(tumbling({ sizeMs: 1e12, graceMs: 0 }))
    .count({ name: 'by-city' })
    .toStream({ key: (_, { key }) => key })
    .to('clicks-by-city', counts)
})
