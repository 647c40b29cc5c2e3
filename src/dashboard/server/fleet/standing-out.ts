import { KeyStateCode, keyStates, type StandingOut } from '../../contract/fleet-frame'
import type { KeyStates } from './key-states'

/** So many keys are considered, and so many of them told of. */
const most = { considered: 5_000, told: 50 }

interface StandingWords {
  readonly textOf: (key: number) => string
  /** Why a key can't be read. */
  readonly reasons: ReadonlyMap<number, string>
  /** A key may have come once more since its last record that is known. */
  readonly isRough: (key: number) => boolean
}

/** The keys that stand out, in words and figures: the heaviest first, of equal ones the newest. */
export function standingOut(
  states: KeyStates,
  count: number,
  { textOf, reasons, isRough }: StandingWords,
): StandingOut[] {
  const { code, sinceMs } = states.states
  const found: number[] = []
  for (let key = 0; key < count && found.length < most.considered; key++)
    if (code[key]! >= KeyStateCode.stuck) found.push(key)
  found.sort((a, b) => code[b]! - code[a]! || sinceMs[b]! - sinceMs[a]! || a - b)
  return found.slice(0, most.told).map(key => {
    const state = keyStates[code[key]!] ?? 'new'
    const value = states.values[key]!
    return {
      ...{ key: textOf(key), state, value: Number.isFinite(value) ? value : null, sinceMs: Math.round(sinceMs[key]!) },
      isRough: isRough(key),
      usualMs: usualMsOf(states, key, state),
      band: bandOf(states, key),
      reason: state === 'unreadable' ? (reasons.get(key) ?? null) : null,
    }
  })
}

function usualMsOf({ gaps, runs }: KeyStates, key: number, state: string): number | null {
  const usual = state === 'silent' ? gaps : state === 'stuck' ? runs : undefined
  return usual === undefined || usual.seen[key] === 0 ? null : Math.round(usual.mean[key]!)
}

function bandOf({ band }: KeyStates, key: number): StandingOut['band'] {
  if (band.seen[key] === 0) return null
  // For evenly spread figures twice the mean deviation is where they end.
  const [mean, reach] = [band.mean[key]!, 2 * band.deviation[key]!]
  return [mean - reach, mean + reach]
}
