import { deleteEnvironment, isStructures, openEnvironment } from './environment'

/** Whether another living process of this machine has the copy in a folder. */
export function isHeldElsewhere(folder: string): boolean {
  let owner = 0
  try {
    owner = Number(openEnvironment(folder).about.get('owner') ?? process.pid)
  } catch (error) {
    if (!isStructures(error)) throw error
    deleteEnvironment(folder)
  }
  if (owner === process.pid || owner === 0) return false
  try {
    return process.kill(owner, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
