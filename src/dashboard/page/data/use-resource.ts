import { useEffect, useRef, useState } from 'preact/hooks'
import type { Given, Outage, Problem, RouteName } from '../../contract'
import { type Asked, api, problemFrom } from './api'
import { isHidden } from './visibility'

export interface Resource<T> {
  /** The last that came, also while it is asked for anew or a service is down. */
  readonly data: T | undefined
  /** How old it was when it came, ms. */
  readonly ageMs: number
  /** When it came, by the browser's clock. */
  readonly cameMs: number
  readonly outages: readonly Outage[]
  /** Why the last attempt gave nothing. */
  readonly problem: Problem | undefined
  readonly loading: boolean
  /** Asks again now. */
  readonly reload: () => void
}

type Content<G> = G extends { readonly data: infer T; readonly ageMs: number } ? T : G
interface Held<T> {
  readonly url: string
  readonly data: T | undefined
  readonly ageMs: number
  readonly cameMs: number
  readonly outages: readonly Outage[]
  readonly problem: Problem | undefined
}

/** A service that is down is asked for again so often, ms. */
const downMs = 2000
const nothing = { data: undefined, ageMs: 0, cameMs: 0, outages: [], problem: undefined }

/**
 * What a GET of the API says, asked again every `everyMs` while the page can be seen, and while a service is down until it is back. Data of another question is never shown; data of the same stays
 * while it is asked for again.
 *
 * @example
 * const topics = useResource('GET /api/topics', { query: { search } }, 5000)
 */
export function useResource<N extends RouteName>(
  name: N,
  asked: Asked<N>,
  everyMs?: number,
): Resource<Content<Given<N>>> {
  type Data = Content<Given<N>>
  const url = JSON.stringify([name, asked.params, asked.query])
  const [held, hold] = useState<Held<Data>>({ url, ...nothing })
  const [loading, setLoading] = useState(true)
  const [turn, setTurn] = useState(0)
  const latest = useRef(asked)
  latest.current = asked

  // What is asked is in `url`; `turn` asks again.
  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const again = (isDown: boolean) => {
      const afterMs = everyMs ?? (isDown ? downMs : undefined)
      if (afterMs !== undefined && !abort.signal.aborted) timer = setTimeout(ask, afterMs)
    }
    const ask = async (): Promise<void> => {
      if (isHidden.peek()) return again(true)
      setLoading(true)
      let isDown = false
      try {
        const given = await api(name, { ...latest.current, signal: abort.signal })
        if (!abort.signal.aborted) hold({ url, problem: undefined, cameMs: Date.now(), ...contentOf<Data>(given) })
      } catch (error) {
        if (abort.signal.aborted) return
        const problem = problemFrom(error)
        isDown = problem.code === 'service-down'
        hold(last => ({ ...(last.url === url ? last : nothing), url, problem }))
      }
      setLoading(false)
      again(isDown)
    }
    void ask()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [url, everyMs, turn])

  const shown = held.url === url ? held : { url, ...nothing }
  return { ...shown, loading, reload: () => setTurn(value => value + 1) }
}

function contentOf<T>(given: unknown): { data: T; ageMs: number; outages: readonly Outage[] } {
  if (typeof given === 'object' && given !== null && 'ageMs' in given && 'data' in given)
    return given as { data: T; ageMs: number; outages: readonly Outage[] }
  return { data: given as T, ageMs: 0, outages: [] }
}
