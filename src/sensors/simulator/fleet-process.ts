import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { UnavailableError } from '../../errors'
import type { Fleet, FleetCounters, FleetReport } from './fleet'
import type { ChildMessage, ParentMessage } from './fleet-messages'
import { type FleetOptions, fleetOptions } from './fleet-options'

const root = resolve(__dirname, '../../..')
const nothing: FleetCounters = { readings: 0, late: 0, outOfOrder: 0, duplicates: 0, acknowledged: 0, inFlight: 0 }

/**
 * `startFleet` in a process of its own, so that a fleet and a topology do not share a core. The counters are up to 200 ms
 * old. The process is gone when `done` settles, and stops by itself when this one is gone. Throws ConfigError.
 */
export function startFleetProcess(options: FleetOptions): Fleet {
  const start = fleetOptions(options)
  const child = fork(resolve(root, 'bin/run.mjs'), ['src/sensors/simulator/fleet-child.ts'], { cwd: root })
  const tell = (message: ParentMessage) => child.connected && child.send(message)
  let counters = nothing
  let [report, failure]: [FleetReport?, string?] = []
  child.on('message', (message: ChildMessage) => {
    counters = message.report ?? message.counters ?? counters
    report ??= message.report
    failure ??= message.failure
  })
  const done = new Promise<FleetReport>((resolve, reject) => {
    child.on('error', cause => reject(new UnavailableError(`the fleet can't be started: ${cause.message}`, { cause })))
    // What it has told last may come after its end; the end of the channel comes after both.
    const told = new Promise(tellAll => child.once('disconnect', tellAll))
    child.once('exit', async (code, signal) => {
      await told
      if (report !== undefined) resolve(report)
      else reject(new UnavailableError(failure ?? `the fleet's process ended (${signal ?? code})`))
    })
  })
  // The owner may look at it only at the end.
  done.catch(() => {})
  tell({ start })
  return {
    get counters() {
      return counters
    },
    done,
    stop() {
      tell({ stop: true })
      return done
    },
  }
}
