import type { EndWeather, Fate } from '../ends/line'
import type { Kernel } from '../world/kernel'
import type { Traffic } from '../world/virtual-network'
import type { Point } from './points'
import type { Troubles } from './troubles'
import type { Weather } from './weather'

/** Ways between workers and nodes. */
export function traffic(kernel: Kernel, weather: Weather, troubles: Troubles, latencyMs: number): Traffic {
  const random = weather.random('latency')
  return {
    delay(client, port) {
      const way = `${client} ${port}`
      const usual = random.about(latencyMs)
      const slow = (troubles.slow.get(way) ?? 0) > kernel.time ? random.about(150) : 0
      return usual + slow + Math.max(0, (troubles.clogged.get(way) ?? 0) - kernel.time)
    },
    splits: () => weather.strikes('slicedBytes', 0.02),
  }
}

const pointsOf = {
  table: { lost: 'tableLost', slow: 'tableSlow' },
  live: { lost: 'liveLost', slow: 'liveSlow' },
} as const satisfies Record<string, Record<string, Point>>

/** An end and the way to it. */
export function endWeather(
  end: 'table' | 'live',
  kernel: Kernel,
  weather: Weather,
  troubles: Troubles,
  kill: (owner: string, why: string) => void,
): EndWeather {
  const random = weather.random(end)
  const { lost, slow } = pointsOf[end]
  return {
    isDown: () => troubles.downUntil[end] > kernel.time,
    fate(kind): Fate {
      const slowMs = weather.strikes(slow, 0.08, kind) ? random.about(600) : 0
      const isBefore = random.chance(0.5)
      const fate = {
        thereMs: random.about(0.5) + (isBefore ? slowMs : 0),
        backMs: random.about(0.5) + (isBefore ? 0 : slowMs),
      }
      const isLost = weather.strikes(lost, 0.04, `${kind} ${isBefore ? 'before' : 'after'}`)
      return isLost ? { ...fate, lost: isBefore ? 'before' : 'after' } : fate
    },
    reached(moment, client) {
      if (weather.strikes('killAtEnd', 0.02, moment)) kill(client, `at ${moment}`)
    },
  }
}
