import { signal } from '@preact/signals'
import { isHidden } from './visibility'

/** The browser's time, a tick a second while the page can be seen: for what says how old it is. Unix ms. */
export const nowMs = signal(Date.now())

const tick = () => {
  if (!isHidden.peek()) nowMs.value = Date.now()
}
setInterval(tick, 1000)
isHidden.subscribe(tick)
