import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Problem } from '../../contract'
import { Dialog } from '../components/dialog'
import { ProblemPanel } from '../components/problem-panel'
import { problemFrom } from '../data/api'

interface FormDialogProps {
  readonly title: string
  /** The button; it names what is made: `Create orders`. */
  readonly verb: string
  /** Why it can't be done yet. */
  readonly missing?: string | undefined
  readonly children: ComponentChildren
  /** Does it; what it throws is shown, and the dialog stays. */
  readonly act: () => Promise<void>
  readonly close: () => void
}

/** Fields, and a button that says what it will do. */
export function FormDialog({ title, verb, missing, children, act, close }: FormDialogProps) {
  const [problem, setProblem] = useState<Problem>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy || missing !== undefined) return
    setBusy(true)
    setProblem(undefined)
    try {
      await act()
    } catch (error) {
      setProblem(problemFrom(error))
    }
    setBusy(false)
  }
  return (
    <Dialog title={title} close={close}>
      <form class="stack" onSubmit={submit}>
        {children}
        {problem !== undefined && <ProblemPanel problem={problem} />}
        <div class="dialog-foot">
          {missing !== undefined && <span class="soft small">{missing}</span>}
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button main foreign" disabled={isBusy || missing !== undefined}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
