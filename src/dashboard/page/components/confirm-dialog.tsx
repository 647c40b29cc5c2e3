import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Dialog } from './dialog'
import { ProblemPanel } from './problem-panel'
import { useAction } from './use-action'

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
  const field = useId()
  const { problem, submit, isDisabled } = useAction(async () => {
    await act(typed)
    close()
  }, typed === name)
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
          <button type="submit" class="button danger" disabled={isDisabled}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
