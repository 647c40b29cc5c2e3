import type { Outage, Service } from '../contract'
import { isOutage, ProblemError, problemOf } from './problems'
import { type ServiceWatch, withinTime } from './service-watch'

interface Picture {
  /** JSON, as it is sent. */
  readonly text: string
  /** Monotonic ms. */
  readonly takenAtMs: number
  /** Whether something was changed since. */
  isStale: boolean
}

/** However small they are. */
const maxPictures = 2_000

export interface PicturesOptions {
  readonly watch: Pick<ServiceWatch, 'up' | 'down' | 'isUp' | 'outages'>
  /** The most characters that are kept in all (32 M); a single picture of more than a tenth of it isn't kept. */
  readonly maxChars?: number
  /** A younger picture is returned without asking again, ms (300): ten pages cost hardly more than one. */
  readonly freshMs?: number
  /** A read that takes longer counts as an outage, ms (10,000). */
  readonly patienceMs?: number
}

/** The last answer to everything that was asked, so that an outage leaves an old picture and not an empty page. */
export class Pictures {
  private readonly kept = new Map<string, Picture>()
  private readonly underWay = new Map<string, Promise<Picture>>()
  private chars = 0

  constructor(private readonly options: PicturesOptions) {}

  /**
   * The JSON of an `Answer` to `key`, read by `read` from `service`. While that is away, the last picture at once. Throws what `read` throws, and ProblemError where a
   * service is away and there is no picture.
   */
  async look(key: string, service: Service, read: () => Promise<unknown>): Promise<string> {
    const { watch, freshMs = 300 } = this.options
    const known = this.kept.get(key)
    if (known !== undefined && !known.isStale && performance.now() - known.takenAtMs < freshMs)
      return this.answer(known)
    if (watch.isUp(service) === false) return this.old(service, known)
    try {
      return this.answer(await this.shared(key, service, read))
    } catch (error) {
      if (!isOutage(error)) throw error
      // A single broker or partition may be away while the cluster answers: the watch decides whether the service is.
      return this.old(service, known, error)
    }
  }

  /** Something was changed: from now on every picture is read again. */
  changed(): void {
    // A read that is under way may not contain the change.
    this.underWay.clear()
    for (const picture of this.kept.values()) picture.isStale = true
  }

  private answer({ text, takenAtMs }: Picture, outages: readonly Outage[] = this.options.watch.outages): string {
    const ageMs = Math.round(performance.now() - takenAtMs)
    return `{"data":${text},"ageMs":${ageMs},"outages":${JSON.stringify(outages)}}`
  }

  private old(service: Service, known: Picture | undefined, error?: Error): string {
    const { outages } = this.options.watch
    const reason = error?.message ?? outages.find(each => each.service === service)?.reason ?? 'it does not answer'
    const told = outages.some(each => each.service === service)
      ? outages
      : [...outages, { service, sinceMs: Date.now(), reason, todo: null }]
    if (known !== undefined) return this.answer(known, told)
    const { what } = problemOf(error, told)
    const todo = told.find(each => each.service === service)?.todo ?? null
    throw new ProblemError('service-down', error === undefined ? reason : what, { where: service, todo, outages: told })
  }

  private shared(key: string, service: Service, read: () => Promise<unknown>): Promise<Picture> {
    const underWay = this.underWay.get(key)
    if (underWay !== undefined) return underWay
    const reading = this.take(service, read)
    const isOurs = () => this.underWay.get(key) === reading
    this.underWay.set(key, reading)
    reading
      .then(
        picture => {
          if (isOurs()) this.keep(key, picture)
        },
        () => undefined,
      )
      .finally(() => isOurs() && this.underWay.delete(key))
    return reading
  }

  private async take(service: Service, read: () => Promise<unknown>): Promise<Picture> {
    const { watch, patienceMs = 10_000 } = this.options
    const data = await withinTime(read(), patienceMs)
    watch.up(service)
    return { text: JSON.stringify(data), takenAtMs: performance.now(), isStale: false }
  }

  /** The one that was taken longest ago goes first. */
  private keep(key: string, picture: Picture): void {
    const { maxChars = 32_000_000 } = this.options
    this.forget(key)
    if (picture.text.length > maxChars / 10) return
    this.kept.set(key, picture)
    this.chars += picture.text.length
    for (const oldest of this.kept.keys()) {
      if (this.chars <= maxChars && this.kept.size <= maxPictures) break
      this.forget(oldest)
    }
  }

  private forget(key: string): void {
    this.chars -= this.kept.get(key)?.text.length ?? 0
    this.kept.delete(key)
  }
}
