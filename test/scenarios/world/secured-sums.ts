import { avro, count, mqtt, postgres, sum, text, topology, tumbling } from '../../../src'

/** What a topology reads that is named by how it signs in. */
export const topicOf = (way: string) => `meter_values_${way}`
const way = process.env.WEIR_TEST_SECURED ?? 'plain'

export interface MeterValue {
  readonly meter: string
  readonly watts: number
}

export const meterValue = {
  name: 'meter_value',
  json: {
    type: 'record',
    name: 'MeterValue',
    fields: [
      { name: 'meter', type: 'string' },
      { name: 'watts', type: 'double' },
    ],
  },
}
const total = {
  name: 'meter_total',
  json: {
    type: 'record',
    name: 'MeterTotal',
    fields: [
      { name: 'meter', type: 'string' },
      { name: 'values', type: 'long' },
      { name: 'watts', type: 'double' },
    ],
  },
}

/** Meters to every end, and sums of them behind a repartition: each kind of topic, and each service. */
export default topology(`secured-${way}`, streams => {
  const values = streams.stream(topicOf(way), { key: text, value: avro<MeterValue>(meterValue) })
  values.to(mqtt({ topic: 'meters/{meter}', schema: meterValue }))
  values.to(postgres({ table: 'meter_values', schema: meterValue, mode: 'append' }))
  values
    .groupBy(({ meter }) => meter, { name: 'by-meter' })
    .windowedBy(tumbling({ sizeMs: 1e12, graceMs: 0 }))
    .aggregate({ name: 'totals', of: { values: count(), watts: sum('watts') } })
    .toStream()
    .map((figures, { key }): readonly [string, { meter: string; values: number; watts: number }] => [
      key,
      { meter: key, values: Number(figures.values), watts: figures.watts },
    ])
    .to(postgres({ table: 'meter_totals', schema: total, mode: 'upsert', key: ['meter'] }))
})
