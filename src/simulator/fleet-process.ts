import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { UnavailableError } from '../errors'
import type { Fleet, FleetCounters, FleetReport } from './fleet'
import type { ChildMessage, ParentMessage } from './fleet-messages'
import { type FleetOptions, fleetOptions } from './fleet-options'

const root = resolve(__dirname, '../..')
const nothing: FleetCounters = { readings: 0, late: 0, outOfOrder: 0, duplicates: 0, acknowledged: 0, inFlight: 0 }

/**
 * `startFleet` in a process of its own, so that a fleet and a topology do not share a core. The counters are up to 200 ms
 * old. The process ends with the fleet, and stops by itself when this one is gone. Throws ConfigError.
 */
export function startFleetProcess(options: FleetOptions): Fleet {
  const start = fleetOptions(options)
  const child = fork(resolve(root, 'bin/run.mjs'), ['src/simulator/fleet-child.ts'], { cwd: root })
  const tell = (message: ParentMessage) => child.connected && child.send(message)
  let counters = nothing
  const done = new Promise<FleetReport>((resolve, reject) => {
    child.on('message', (message: ChildMessage) => {
      if (message.counters !== undefined) counters = message.counters
      if (message.failure !== undefined) reject(new UnavailableError(message.failure))
      if (message.report === undefined) return
      counters = message.report
      resolve(message.report)
    })
    child.on('error', cause => reject(new UnavailableError(`the fleet can't be started: ${cause.message}`, { cause })))
    child.on('exit', (code, signal) => reject(new UnavailableError(`the fleet's process ended (${signal ?? code})`)))
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
