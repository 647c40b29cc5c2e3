import { KeyStateCode, keyStates, type StandingOut } from '../../contract/fleet-frame'
import type { KeyStates } from './key-states'

/** The most keys that are considered, and the most that are reported. */
const most = { considered: 5_000, reported: 50 }

interface StandingWords {
  readonly textOf: (key: number) => string
  /** Why a key can't be read. */
  readonly reasons: ReadonlyMap<number, string>
  /** A key may have come once more since its last record that is known. */
  readonly isRough: (key: number) => boolean
}

/** The keys that need attention, in words and figures: the most serious first, of equal ones the newest. */
export function standingOut(
  states: KeyStates,
  count: number,
  { textOf, reasons, isRough }: StandingWords,
): StandingOut[] {
  const { code, sinceMs } = states
  const found: number[] = []
  for (let key = 0; key < count && found.length < most.considered; key++)
    if (code.of(key) >= KeyStateCode.stuck) found.push(key)
  found.sort((a, b) => code.of(b) - code.of(a) || sinceMs.of(b) - sinceMs.of(a) || a - b)
  return found.slice(0, most.reported).map(key => {
    const state = keyStates[code.of(key)] ?? 'new'
    const value = states.values.of(key)
    return {
      ...{
        key: textOf(key),
        state,
        value: Number.isFinite(value) ? value : null,
        sinceMs: Math.round(sinceMs.of(key)),
      },
      isRough: isRough(key),
      usualMs: usualMsOf(states, key, state),
      band: bandOf(states, key),
      reason: state === 'unreadable' ? (reasons.get(key) ?? null) : null,
    }
  })
}

function usualMsOf({ gaps, runs }: KeyStates, key: number, state: string): number | null {
  const usual = state === 'silent' ? gaps : state === 'stuck' ? runs : undefined
  return usual === undefined || usual.seen.of(key) === 0 ? null : Math.round(usual.mean.of(key))
}

function bandOf({ band }: KeyStates, key: number): StandingOut['band'] {
  if (band.seen.of(key) === 0) return null
  // For evenly spread figures twice the mean deviation is where they end.
  const [mean, reach] = [band.mean.of(key), 2 * band.deviation.of(key)]
  return [mean - reach, mean + reach]
}
