import { json, text, topology } from 'weir-streams'

export default topology('consumer-esm', streams => {
  streams
    .stream('esm-clicks', { key: text, value: json() })
    .groupBy(({ page }) => page, { name: 'by-page', key: text, value: json() })
    .count({ name: 'clicks-by-page' })
    .toStream()
    .to('esm-counts', { key: text, value: json() })
})
