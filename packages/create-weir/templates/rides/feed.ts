import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver, Place, Ride } from './schemas/types.js'

const names = ['Ann', 'Bo', 'Cem']
const cities = ['Bergen', 'Oslo', 'Tromsø']
const place = (city: string): Place => ({ city, lat: 59 + Math.random(), lon: 10 + Math.random() })

/** The data of `npm run dev`: three drivers, and five rides a second. */
export default async function* feed() {
  for (const [i, name] of names.entries()) {
    const value: Driver = { name, vehicle: { plate: `AB ${i}`, seats: 4 } }
    yield { topic: 'drivers', key: name, value }
  }
  for (let i = 0; ; i++) {
    const [from = '', to = ''] = [cities[i % 3], cities[(i * 7) % 3]]
    const driver_id = names[i % names.length] ?? ''
    const fare = Math.round(100 + Math.random() * 2000) / 100
    const value: Ride = {
      ...{ id: `ride-${Date.now()}-${i}`, driver_id, fare },
      ...{ pickup: place(from), dropoff: place(to), asked_at: Date.now() },
    }
    yield { topic: 'rides', key: value.id, value }
    await sleep(200)
  }
}
