import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Problem } from '../../contract'
import { problemFrom } from '../data/api'
import { Dialog } from './dialog'
import { ProblemPanel } from './problem-panel'

interface ConfirmProps {
  /** `Delete topic`. */
  readonly title: string
  /** The very name that has to be typed. */
  readonly name: string
  /** The button: `Delete`. */
  readonly verb: string
  /** What will be done and what is lost. */
  readonly children: ComponentChildren
  /** Does it, given the name as it was typed; what it throws is shown, and the dialog stays. */
  readonly act: (confirm: string) => Promise<void>
  readonly close: () => void
}

/** Asks for the name of the thing before something is done that can't be undone. */
export function ConfirmDialog({ title, name, verb, children, act, close }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const field = useId()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (typed !== name || isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await act(typed)
      close()
    } catch (error) {
      setProblem(problemFrom(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} close={close}>
      <form class="stack" onSubmit={submit}>
        <div>{children}</div>
        <label class="field" for={field}>
          <span>
            Type <bdi class="mono foreign">{name}</bdi> to confirm
          </span>
          <input
            class="input mono"
            id={field}
            dir="auto"
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onInput={event => setTyped(event.currentTarget.value)}
          />
        </label>
        {problem !== undefined && <ProblemPanel problem={problem} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button danger" disabled={typed !== name || isBusy}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
