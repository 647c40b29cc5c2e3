/**
 * Runs before the first paint, in a separate script: the chosen theme is set on the root element, so that nothing flashes. Without a choice it is the system's.
 */
export type Theme = 'light' | 'dark' | 'system'

const key = 'weir.theme'

/** The choice that this browser keeps; where it may keep nothing, the system's. */
export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(key)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.setAttribute('data-theme', theme)
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme)
  try {
    localStorage.setItem(key, theme)
  } catch {
    // A browser that keeps nothing has it until the page is left.
  }
}
