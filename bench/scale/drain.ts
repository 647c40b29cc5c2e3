import { type LoadOptions, load } from '../harness/load'
import { type Run, runOnce } from '../harness/run'
import type { Services } from '../harness/services'
import { forget, jobContestant } from '../harness/weir'

export interface Setting {
  readonly partitions: number
  readonly keys: number
  readonly workers: number
}

export interface Drained extends Setting {
  readonly run: Run
  /** Windows that were closed for each reading. */
  readonly windowsPerReading: number
}

/** Readings come so often that a window holds 100 of each key, or fewer where there are more keys than that allows. */
function loadOf({ partitions, keys }: Setting, readings: number): LoadOptions {
  const topic = `scale_p${partitions}_k${keys}`
  return { topic, format: 'weir', readings: Math.max(readings, keys), sensors: keys, partitions, hertz: 10 }
}

/** Drains a loaded topic once. */
export async function drain(setting: Setting, services: Services, readings: number): Promise<Drained> {
  const options = loadOf(setting, readings)
  const loaded = await load(options, services)
  const name = `${setting.partitions} partitions, ${setting.keys} keys, ${setting.workers} workers`
  const contestant = jobContestant(loaded, services, { name, workers: setting.workers })
  const run = await runOnce(contestant, `${Date.now()}`, services)
  await forget(services, name, topic => topic === options.topic)
  process.stderr.write(`bench: ${name}: ${run.void ?? `${Math.round(run.rate)} readings/s`}\n`)
  return { ...setting, run, windowsPerReading: loaded.windows / loaded.total }
}
