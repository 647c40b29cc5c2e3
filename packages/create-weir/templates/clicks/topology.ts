import { json, postgres, session, text, topology } from 'weir-streams'
import { type Visit, visit } from './schemas/types.js'

export interface Click {
  readonly page: string
  readonly at: number
}

const click = json<Click>()

/** Visits out of clicks: each goes on until its visitor has done nothing for five seconds. */
export default topology('clicks', streams => {
  const visits = streams
    .stream('clicks', {
      key: text,
      value: click,
      timestamp: ({ at }) => at,
      // Visits end without a next click, too, once nobody has clicked for so long.
      idleMs: 2000,
    })
    .groupByKey()
    .windowedBy(session({ gapMs: 5000, graceMs: 1000 }), { emit: 'onWindowClose' })
    .aggregate({
      name: 'visits',
      initial: (): readonly string[] => [],
      add: (pages, { page }) => [...pages, page],
      merge: (_, first, second) => [...first, ...second],
    })
    .toStream()
    .map((pages, { key, window }): readonly [string, Visit] => [
      key,
      {
        ...{ visitor: key, from: window.start, to: window.end },
        ...{ clicks: pages.length, pages: pages.join(' → ') },
      },
    ])

  visits.to('visits', { key: text, value: json<Visit>() })
  visits.to(postgres({ table: 'visits', schema: visit, mode: 'upsert', key: ['visitor', 'from'] }))
})
