import { type Fleet, startFleet } from './fleet'
import type { ChildMessage, ParentMessage } from './fleet-messages'
import { oneMessage } from './fleet-messages'
import type { FleetOptions } from './fleet-options'

/** The other half of `startFleetProcess`: a fleet that its parent commands over the IPC channel. */
const countersEveryMs = 200
/** How long a fleet without a parent tries to bring out what it has; the broker may have ended with the parent. */
const orphanMs = 5_000

const tell = (message: ChildMessage) => process.connected && process.send?.(message)
let fleet: Fleet | undefined

async function run(options: FleetOptions): Promise<never> {
  try {
    const started = startFleet(options)
    fleet = started
    setInterval(() => tell({ counters: started.counters }), countersEveryMs)
    tell({ report: await started.done })
  } catch (error) {
    tell({ failure: oneMessage(error) })
  }
  if (process.connected) process.disconnect()
  // A client's timer that is still set must not keep it.
  process.exit()
}

process.on('message', ({ start, stop }: ParentMessage) => {
  if (stop) void fleet?.stop().catch(() => {})
  if (start) void run(start)
})
// Without a parent nobody would end it.
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), orphanMs)
  void fleet?.stop().catch(() => {})
})
// A Ctrl-C reaches the whole process group; when the fleet stops is the parent's decision.
process.on('SIGINT', () => {})
