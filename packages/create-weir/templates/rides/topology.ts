import { avro, count, postgres, sum, text, topology, tumbling } from 'weir-streams'
import { type CityWindow, cityWindow, driver, ride, type Trip, trip } from './schemas/types.js'

/** Rides with their drivers, and what each city earns in every ten seconds. */
export default topology('rides', streams => {
  const drivers = streams.table('drivers', { name: 'drivers', key: text, value: avro(driver) })
  const rides = streams.stream('rides', {
    key: text,
    value: avro(ride),
    timestamp: ({ asked_at }) => asked_at,
    // Windows close without a next ride, too, once a source has been silent for so long.
    idleMs: 2000,
  })

  const trips = rides
    .selectKey(({ driver_id }) => driver_id)
    .repartition({ name: 'by-driver', key: text, value: avro(ride) })
    .join(drivers, { name: 'with-driver', joiner: (ride, driver): Trip => ({ ride, driver }) })
  trips.to('trips', { key: text, value: avro(trip) })

  const windows = trips
    .mapValues(({ ride }) => ride)
    .groupBy(({ pickup }) => pickup.city, { name: 'by-city', key: text, value: avro(ride) })
    .windowedBy(tumbling({ sizeMs: 10_000, graceMs: 1000 }), { emit: 'onWindowClose' })
    .aggregate({ name: 'cities', of: { rides: count(), fares: sum('fare') } })
    .toStream()
    .map((figures, { key, window }): readonly [string, CityWindow] => [
      key,
      { city: key, window_start: window.start, ...figures },
    ])
  windows.to('cities', { key: text, value: avro(cityWindow) })
  windows.to(postgres({ table: 'cities', schema: cityWindow, mode: 'upsert', key: ['city', 'window_start'] }))
})
