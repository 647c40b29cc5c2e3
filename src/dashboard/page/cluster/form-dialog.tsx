import type { ComponentChildren } from 'preact'
import { Dialog } from '../components/dialog'
import { ProblemPanel } from '../components/problem-panel'
import { useAction } from '../components/use-action'

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
  const { problem, submit, isDisabled } = useAction(act, missing === undefined)
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
          <button type="submit" class="button main foreign" disabled={isDisabled}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
