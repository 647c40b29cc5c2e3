import { json, text, topology } from 'weir-streams'
import { type Click, pageOf } from '@/click'

/** Counts go through a second topology, which runs in the same process. */
export default topology('consumer-{name}', streams => {
  streams
    .stream('{name}-clicks', { key: text, value: json<Click>() })
    .groupBy(pageOf, { name: 'by-page', key: text, value: json<Click>() })
    .count({ name: 'clicks-by-page' })
    .toStream()
    .to('{name}-pages', { key: text, value: json<number>() })
})
