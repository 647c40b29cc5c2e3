import { json, text, topology } from 'weir-streams'

interface Click {
  readonly page: string
}

export default topology('consumer-node24', streams => {
  streams
    .stream('node24-clicks', { key: text, value: json<Click>() })
    .groupBy(({ page }) => page, { name: 'by-page', key: text, value: json<Click>() })
    .count({ name: 'clicks-by-page' })
    .toStream()
    .to('node24-counts', { key: text, value: json<number>() })
})
