import type { KeyState } from '../../contract/fleet-frame'

/** A state as the canvas draws it. */
export function StateMark({ state }: { readonly state: KeyState }) {
  return (
    <svg class={`state-mark is-${state}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {state === 'silent' ? (
        <rect x="1" y="1" width="10" height="10" fill="none" stroke="currentColor" stroke-width="2" />
      ) : (
        <rect width="12" height="12" fill="currentColor" />
      )}
      {state === 'stuck' && <rect class="cut" x="3" y="4.8" width="6" height="2.4" />}
      {state === 'implausible' && <path class="cut" d="M6 3 9 9H3z" />}
      {state === 'unreadable' && <path class="cross" d="m3.2 3.2 5.6 5.6m0-5.6-5.6 5.6" />}
    </svg>
  )
}
