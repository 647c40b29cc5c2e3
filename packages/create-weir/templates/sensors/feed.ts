import { setTimeout as sleep } from 'node:timers/promises'
import type { Reading } from './schemas/types.js'

const sensors = ['kitchen', 'cellar', 'roof']

/** The data of `npm run dev`: each sensor's reading ten times a second. */
export default async function* feed() {
  for (;;) {
    for (const [i, sensor] of sensors.entries()) {
      const measured_at = Date.now()
      const temperature = Math.round(200 + 50 * i + 20 * Math.sin(measured_at / 20_000)) / 10
      const value: Reading = { sensor, temperature, measured_at }
      yield { topic: 'readings', key: sensor, value }
    }
    await sleep(100)
  }
}
