import { signal } from '@preact/signals'

/** Whether nobody can see the page: then nothing is asked and nothing is drawn. */
export const isHidden = signal(document.hidden)

document.addEventListener('visibilitychange', () => {
  isHidden.value = document.hidden
})
