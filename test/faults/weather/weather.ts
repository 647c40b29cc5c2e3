import { Random } from '../world/random'
import { allPoints, brokerPoints, type Point, usualPoints } from './points'

/** With fewer a seed would be too calm to tell anything. */
const LEAST_POINTS = 4

/** What a seed has drawn: which points are on, how often they strike, and what has struck. */
export class Weather {
  readonly enabled: ReadonlySet<Point>
  /** How often each point was struck. */
  readonly hits = new Map<Point, number>()
  /** Finer: point and place, such as `refusedBefore EndTxn 15`. */
  readonly places = new Map<string, number>()
  /** What happened, in words, for the story of a seed. */
  readonly story: string[] = []
  private isOver = false
  private readonly rates = new Map<Point, number>()
  private readonly streams = new Map<string, Random>()

  /** `left`: the points that may be on, where a failure is being narrowed down. */
  constructor(
    private readonly seed: number,
    private readonly now: () => number,
    left: readonly Point[] = allPoints,
  ) {
    const draw = new Random(seed, 'profile')
    const drawn = new Set<Point>()
    for (const point of usualPoints) {
      if (draw.chance(0.25)) drawn.add(point)
      this.rates.set(point, 0.3 + draw.next())
    }
    while (drawn.size < LEAST_POINTS) drawn.add(draw.pick(usualPoints))
    const atBroker = new Random(seed, 'profile of MQTT')
    for (const point of brokerPoints) {
      if (atBroker.chance(0.4)) drawn.add(point)
      this.rates.set(point, 0.3 + atBroker.next())
    }
    const atCluster = new Random(seed, 'profile of crashes')
    if (atCluster.chance(0.25)) drawn.add('clusterCrash')
    this.rates.set('clusterCrash', 0.3 + atCluster.next())
    this.enabled = new Set([...drawn].filter(point => left.includes(point)))
  }

  random(concern: string): Random {
    let found = this.streams.get(concern)
    if (found === undefined) {
      found = new Random(this.seed, concern)
      this.streams.set(concern, found)
    }
    return found
  }

  /** Whether the point strikes here, with this chance where it is on at all. */
  strikes(point: Point, chance: number, place?: string): boolean {
    if (this.isOver || !this.enabled.has(point)) return false
    if (!this.random(point).chance(chance * (this.rates.get(point) ?? 1))) return false
    this.struck(point, place)
    return true
  }

  /** When the point strikes next, ms from now; undefined where it is off. */
  pause(point: Point, meanMs: number): number | undefined {
    if (this.isOver || !this.enabled.has(point)) return undefined
    return this.random(point).about(meanMs / (this.rates.get(point) ?? 1))
  }

  struck(point: Point, place = ''): void {
    this.hits.set(point, (this.hits.get(point) ?? 0) + 1)
    this.at(`${point} ${place}`.trim())
  }

  /** Counts a place that was struck. */
  at(place: string): void {
    this.places.set(place, (this.places.get(place) ?? 0) + 1)
    this.tell(place)
  }

  tell(what: string): void {
    if (this.story.length < 2_000) this.story.push(`${(this.now() / 1000).toFixed(3)} s ${what}`)
  }

  /** From now on nothing strikes any more. */
  end(): void {
    this.isOver = true
  }

  get total(): number {
    let total = 0
    for (const hits of this.hits.values()) total += hits
    return total
  }
}
