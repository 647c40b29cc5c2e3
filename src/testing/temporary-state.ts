import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../engine/task/clock'
import { LocalState } from '../engine/task/local-state'

/** A place for stores on disk that goes when it is no longer needed, at the latest with the process. */
export interface TemporaryState {
  readonly state: LocalState
  remove(): Promise<void>
}

export function temporaryState(application: string): TemporaryState {
  const folder = mkdtempSync(join(tmpdir(), 'weir-state-'))
  const state = new LocalState({ folder, application, clock: systemClock })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    state,
    remove: async () => {
      await state.close()
      process.off('exit', remove)
      remove()
    },
  }
}
