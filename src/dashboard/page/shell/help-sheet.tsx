import { signal } from '@preact/signals'
import { Dialog } from '../components/dialog'
import { shortcuts } from './shortcuts'

export const helpIsOpen = signal(false)

/** Every key that does something. */
export function HelpSheet() {
  return (
    <Dialog
      title="Keys"
      close={() => {
        helpIsOpen.value = false
      }}
    >
      <dl class="keys">
        {shortcuts.map(({ keys, what }) => [
          <dt key={`${keys} keys`}>
            {keys.split(' ').map(key => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>,
          <dd key={keys}>{what}</dd>,
        ])}
      </dl>
    </Dialog>
  )
}
