import { pathTo } from '../lib/routes'
import { views } from '../views'
import { helpIsOpen } from './help-sheet'
import { go } from './location'
import { shortcutOf } from './shortcuts'
import { nextTheme } from './theme-choice'

/** Listens to the page's keys; never while somebody types, nor with a key of the system held. */
export function listenToKeys(): void {
  let before = { key: '', atMs: Number.NEGATIVE_INFINITY }
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const shortcut = shortcutOf(event.key, { key: before.key, agoMs: event.timeStamp - before.atMs })
    before = { key: event.key, atMs: event.timeStamp }
    if (shortcut === undefined || document.querySelector('dialog[open]') !== null) return
    if (shortcut.goes !== undefined) {
      if (views[shortcut.goes] !== undefined) go(pathTo(shortcut.goes))
    } else if (shortcut.keys === '?') helpIsOpen.value = true
    else if (shortcut.keys === 't') nextTheme()
    else if (shortcut.keys === '/') search(event)
  })
}

function search(event: KeyboardEvent): void {
  const field = document.querySelector('[data-search]')
  if (!(field instanceof HTMLInputElement)) return
  event.preventDefault()
  field.select()
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
