import type { RouteName } from '../lib/routes'

export interface Shortcut {
  /** Keys one after the other, as the help shows them. */
  readonly keys: string
  readonly what: string
  readonly goes?: RouteName
}

/** The keys of the page; those of tables and dialogs are the browser's. */
export const shortcuts: readonly Shortcut[] = [
  { keys: '?', what: 'This sheet' },
  { keys: '/', what: 'Search in this view' },
  { keys: 'g o', what: 'Overview', goes: 'overview' },
  { keys: 'g b', what: 'Brokers', goes: 'brokers' },
  { keys: 'g t', what: 'Topics', goes: 'topics' },
  { keys: 'g g', what: 'Groups', goes: 'groups' },
  { keys: 'g s', what: 'Schemas', goes: 'schemas' },
  { keys: 'g d', what: 'Dead letters', goes: 'dead-letters' },
  { keys: 't', what: 'Theme: the system’s, light, dark' },
  { keys: '↑ ↓', what: 'From row to row, from step to step' },
  { keys: 'Enter', what: 'Opens the row or step' },
  { keys: 'Esc', what: 'Closes what is open' },
]

/** A `g` waits so long for the key after it, ms. */
const waitsMs = 1200

/** Which shortcut a key completes, given the one before it; keys are as `KeyboardEvent.key` has them. */
export function shortcutOf(
  key: string,
  before: { readonly key: string; readonly agoMs: number },
): Shortcut | undefined {
  const pair = before.agoMs <= waitsMs ? `${before.key} ${key}` : ''
  return shortcuts.find(each => each.keys === pair) ?? shortcuts.find(each => each.keys === key)
}
