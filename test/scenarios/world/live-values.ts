import { avro, mqtt, postgres, text, topology } from '../../../src'
import { type MeterValue, meterValue, topicOf } from './secured-sums'

/** Values to a topic that people watch, and to a table. */
export default topology('live-values', streams => {
  const values = streams.stream(topicOf('live'), { key: text, value: avro<MeterValue>(meterValue) })
  values.to(mqtt({ topic: 'live/{meter}', schema: meterValue, conflate: true, retain: true }))
  values.to(postgres({ table: 'live_values', schema: meterValue, mode: 'append' }))
})
