import { json, text, topology } from '../../../src'

/** A table that is restored from its own topic, and a stream that asks for its rows. A row of 13 is refused. */
export default topology('asked-rows', streams => {
  const rows = streams.table('rows', { key: text, value: json<{ n: number }>(), restoreFrom: 'sourceTopic' })
  rows
    .mapValues(({ n }) => {
      if (n === 13) throw new Error('unlucky')
      return n
    })
    .filter(n => n < 0)
    .toStream()
    .to('negative', { key: text, value: json() })
  streams
    .stream('asked', { key: text, value: json<number>() })
    .leftJoin(rows, { joiner: (asked, row) => ({ asked, n: row?.n ?? null }) })
    .to('answers', { key: text, value: json() })
})
