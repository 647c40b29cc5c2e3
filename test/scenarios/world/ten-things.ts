import { avro, json, mqtt, postgres, text, topology } from '../../../src'

const record = (name: string, fields: readonly (readonly [name: string, type: string])[]) => ({
  name,
  json: { type: 'record', name, fields: fields.map(([field, type]) => ({ name: field, type })) },
})
interface Order {
  readonly id: string
  readonly amount: number
}
const order = record('DoctorOrder', [
  ['id', 'string'],
  ['amount', 'double'],
])

/** A topology that needs something of everything, on services where none of it is as it should be. */
export default topology('ten-things', streams => {
  streams.stream('doctor_missing', { key: text, value: json<Order>() }).to('doctor_copy', { key: text, value: json() })

  const wide = streams.stream('doctor_wide', { key: text, value: json<Order>() })
  wide
    .join(streams.table('doctor_narrow', { key: text, value: json<Order>() }), { joiner: (left: Order) => left })
    .to('doctor_joined', { key: text, value: json() })

  const typed = streams.stream('doctor_typed', { key: text, value: avro<Order>(order) })
  typed.to('doctor_refused', { key: text, value: avro<Order>(order) })
  typed.to(postgres({ table: 'doctor_absent', schema: order, mode: 'append' }))
  typed.to(postgres({ table: 'doctor_unlike', schema: order, mode: 'append' }))
  typed.to(postgres({ table: 'doctor_forbidden', schema: order, mode: 'append' }))
  typed.to(mqtt({ topic: 'doctor/{id}', schema: order, retain: true }))

  streams
    .stream('doctor_counted', { key: text, value: json<Order>() })
    .groupByKey()
    .count({ name: 'counted', location: 'disk' })
    .toStream()
    .to('doctor_counts', { key: text, value: json() })
})
