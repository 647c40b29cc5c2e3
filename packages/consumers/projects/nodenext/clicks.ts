import { avro, json, mqtt, postgres, text, topology } from 'weir-streams'
import { type PageCount, pageCount } from './page-count.js'

interface Click {
  readonly page: string
}

const name = await Promise.resolve('consumer-{name}')

export default topology(name, streams => {
  const counts = streams
    .stream('{name}-clicks', { key: text, value: json<Click>() })
    .groupBy(({ page }) => page, { name: 'by-page', key: text, value: json<Click>() })
    .count({ name: 'clicks-by-page', location: 'disk' })
    .toStream()
    .map((count, page): readonly [string, PageCount] => [page, { page, count }])
  counts.to('{name}-counts', { key: text, value: avro(pageCount) })
  counts.to(mqtt({ topic: 'pages/{page}', schema: pageCount, retain: true }))
  counts.to(postgres({ table: 'page_counts', schema: pageCount, mode: 'upsert', key: ['page'] }))
})
