import { computed, signal } from '@preact/signals'
import { chooseTheme, chosenTheme, type Theme } from './theme'

const theme = signal<Theme>(chosenTheme())
const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

export const themeName = computed(() => theme.value)

/** The system's, light, dark, and round again. */
export function nextTheme(): void {
  theme.value = next[theme.value]
  chooseTheme(theme.value)
}
