import { useState } from 'preact/hooks'
import type { Problem } from '../../contract'
import { problemFrom } from '../data/api'

/** What a form does when it is sent: one at a time, and what it throws is shown and changes nothing else. `isReady`: whether it may be sent. */
export function useAction(act: () => Promise<void>, isReady: boolean) {
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy || !isReady) return
    setBusy(true)
    setProblem(undefined)
    try {
      await act()
    } catch (error) {
      setProblem(problemFrom(error))
    }
    setBusy(false)
  }
  return { problem, submit, isDisabled: isBusy || !isReady }
}
