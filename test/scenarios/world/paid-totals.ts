import { type AvroSchema, json, postgres, text, topology } from '../../../src'

export interface Paid {
  readonly id: string
  readonly total: number
}

const total: AvroSchema<Paid> = {
  name: 'paid-total',
  json: {
    type: 'record',
    name: 'PaidTotal',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'total', type: 'double' },
    ],
  },
}

export const totals = postgres({ table: 'paid_totals', schema: total, mode: 'upsert', key: ['id'] })

/**
 * Totals by id, behind a repartition, to Postgres. `WEIR_EDIT`: as first written it adds no 13; as `mended` it does; as `remade` another step stands before
 * the end.
 */
export default topology('paid-totals', streams => {
  const edit = process.env.WEIR_EDIT ?? 'first'
  const paid = streams.stream('paid', { key: text, value: json<Paid>() })
  paid.to('paid-copies', { key: text, value: json() })
  const sums = paid
    .groupBy(({ id }) => id, { name: 'by-id' })
    .aggregate({
      name: 'totals',
      initial: (): Paid => ({ id: '', total: 0 }),
      add: (sum, { id, total }) => {
        if (total === 13 && edit === 'first') throw new Error('unlucky')
        return { id, total: sum.total + total }
      },
    })
    .toStream()
  if (edit === 'remade') sums.mapValues(sum => sum).to(totals)
  else sums.to(totals)
})
