import type { Weather } from './weather/weather'
import { drawShape, type Shape } from './workload'
import { Random } from './world/random'

/** What a seed has drawn beside its weather. */
export interface Knobs {
  readonly shape: Shape
  readonly nodes: number
  readonly workers: number
  readonly records: number
  readonly commitIntervalMs: number
  readonly sessionTimeoutMs: number
  readonly standbyReplicas: number
  /** Mean, of one way between a worker and a node. */
  readonly latencyMs: number
  /** At most, of each marker. */
  readonly markerDelayMs: number
  /** `aedes`: weir's MQTT connector and a real broker are the live end. */
  readonly liveBroker: 'stand-in' | 'aedes'
  readonly liveQos: 0 | 1
}

const AEDES_SHARE = 0.3

/** Of a stream by itself: what else a seed draws is as without it. By this name the seeds that simulation.test.ts knows keep the stand-in. */
function drawLive(seed: number): Pick<Knobs, 'liveBroker' | 'liveQos'> {
  const draw = new Random(seed, 'live broker kind')
  return { liveBroker: draw.chance(AEDES_SHARE) ? 'aedes' : 'stand-in', liveQos: draw.chance(0.5) ? 1 : 0 }
}

export function drawKnobs(seed: number, weather: Weather): Knobs {
  const draw = new Random(seed, 'knobs')
  return {
    shape: drawShape(draw),
    nodes: draw.whole(1, 3),
    workers: draw.whole(2, 3),
    records: draw.whole(200, 300),
    commitIntervalMs: draw.pick([50, 100, 200, 400]),
    sessionTimeoutMs: draw.pick([1_500, 2_500, 4_000, 6_000]),
    standbyReplicas: draw.chance(0.3) ? 1 : 0,
    latencyMs: draw.pick([0.1, 0.3, 1, 3]),
    markerDelayMs: weather.strikes('slowMarkers', 1) ? draw.whole(1, 300) : 0,
    ...drawLive(seed),
  }
}
