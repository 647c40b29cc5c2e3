import { type Fleet, startFleet } from './fleet'
import type { ChildMessage, ParentMessage } from './fleet-messages'
import { oneMessage } from './fleet-messages'

/** The other half of `startFleetProcess`: a fleet that its parent commands over the IPC channel. */
const countersEveryMs = 200

const tell = (message: ChildMessage) => process.connected && process.send?.(message)
let fleet: Fleet | undefined

async function run(started: Fleet): Promise<void> {
  const timer = setInterval(() => tell({ counters: started.counters }), countersEveryMs)
  try {
    tell({ report: await started.done })
  } catch (error) {
    tell({ failure: oneMessage(error) })
  } finally {
    clearInterval(timer)
    if (process.connected) process.disconnect()
  }
}

process.on('message', (message: ParentMessage) => {
  if (message.stop) return void fleet?.stop().catch(() => {})
  if (message.start === undefined) return
  try {
    fleet = startFleet(message.start)
    void run(fleet)
  } catch (error) {
    tell({ failure: oneMessage(error) })
  }
})
// Without a parent nobody would end it.
process.on('disconnect', () => void fleet?.stop().catch(() => {}))
// A Ctrl-C reaches the whole process group; when the fleet stops is the parent's decision.
process.on('SIGINT', () => {})
