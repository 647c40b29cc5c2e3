import { json, text, topology } from 'weir-streams'

interface Click {
  readonly page: string
}

export default topology('consumer-node22', streams => {
  streams
    .stream('node22-clicks', { key: text, value: json<Click>() })
    .groupBy(({ page }) => page, { name: 'by-page', key: text, value: json<Click>() })
    .count({ name: 'clicks-by-page' })
    .toStream()
    .to('node22-counts', { key: text, value: json<number>() })
})
