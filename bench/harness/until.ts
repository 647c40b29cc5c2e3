import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until something is so, looked at each `pauseMs`. Rejects when that takes longer than `limitMs`, and with what looking throws. */
export async function until(
  what: string,
  limitMs: number,
  isSo: () => Promise<boolean> | boolean,
  pauseMs = 100,
): Promise<void> {
  for (const end = Date.now() + limitMs; !(await isSo()); await sleep(pauseMs))
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limitMs / 1000} s`)
}
