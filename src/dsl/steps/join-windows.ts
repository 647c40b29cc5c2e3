import { checkOptions } from '../../checked-options'
import { TopologyError } from '../../errors'
import type { JoinWindows } from '../graph/join-specs'
import { stepOptions } from './checked-step'

/** Throws TopologyError for windows in which no records could meet. */
export function checkedWindows(name: string, windows: JoinWindows | undefined): JoinWindows {
  if (windows === undefined)
    throw new TopologyError(`${name}: a stream-stream join needs windows: { beforeMs, afterMs, graceMs }`)
  checkOptions(`${name}: windows`, windows, stepOptions.windowsOfJoin)
  const { beforeMs, afterMs, graceMs } = windows
  for (const [field, ms] of Object.entries({ beforeMs, afterMs, graceMs }))
    if (!Number.isSafeInteger(ms))
      throw new TopologyError(`${name}: ${field} of the join's windows has to be a whole number of ms, and is ${ms}`)
  if (graceMs < 0) throw new TopologyError(`${name}: graceMs has to be 0 or more, and is ${graceMs}`)
  if (beforeMs + afterMs < 0)
    throw new TopologyError(
      `${name}: beforeMs ${beforeMs} + afterMs ${afterMs} is below 0, so that no records could meet; make the sum 0 or more`,
    )
  return { beforeMs, afterMs, graceMs }
}
