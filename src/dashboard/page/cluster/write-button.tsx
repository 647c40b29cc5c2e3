import type { ComponentChildren } from 'preact'
import { settings } from '../data/session'

interface WriteButtonProps {
  readonly onClick: () => void
  /** It takes something away. */
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly children: ComponentChildren
}

/** A button that changes something in the cluster; there is none on a server that only reads. */
export function WriteButton({ onClick, danger = false, disabled = false, children }: WriteButtonProps) {
  if (settings.value?.writes !== true) return null
  return (
    <button type="button" class={danger ? 'button danger' : 'button'} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  )
}
