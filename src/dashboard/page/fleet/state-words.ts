import type { KeyState, StandingOut } from '../../contract/fleet-frame'
import { duration, exact, short } from '../lib/format'

export const stateNames: Readonly<Record<KeyState, string>> = {
  new: 'new',
  fine: 'fine',
  stuck: 'stuck',
  implausible: 'implausible',
  silent: 'silent',
  unreadable: 'unreadable',
}

/** What each state means, for the legend. */
export const stateMeanings: Readonly<Record<KeyState, string>> = {
  new: 'Not yet known what is usual for it',
  fine: 'As usual',
  stuck: 'The same value for far longer than usual',
  implausible: 'Far from its own recent values and from those of the others',
  silent: 'Nothing for far longer than its usual gap',
  unreadable: 'Its last record can’t be read',
}

/** What stands out about a key, as a sentence. */
export function sentenceOf(key: StandingOut, nowMs: number): string {
  const forMs = Math.max(0, nowMs - key.sinceMs)
  const value = key.value === null ? 'no value' : figure(key.value)
  if (key.state === 'silent')
    return `nothing for ${key.isRough ? 'up to ' : ''}${duration(forMs)}${key.usualMs === null ? '' : `, usually every ${duration(key.usualMs)}`}`
  if (key.state === 'stuck')
    return `${value} for ${duration(forMs)}${key.usualMs === null ? '' : `, usually another every ${duration(key.usualMs)}`}`
  if (key.state === 'unreadable') return key.reason ?? 'its last record can’t be read'
  const [low, high] = key.band ?? [Number.NaN, Number.NaN]
  return key.band === null
    ? `now ${value}`
    : `a value far from its usual ${figure(low)} to ${figure(high)}; now ${value}`
}

/** A figure as people read it: five significant digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 100_000) return short(value)
  return String(Number(value.toPrecision(5)))
}

/** `1,234`: how many there are. */
export const figuresText = (count: number): string => exact(count)
