import type { LagView } from '../../../vitals/model'
import { duration, exact } from './format'

/** `caught up`, `40 s`: how far behind, in time where it is known. */
export function lagFigure({ ms, records }: LagView): string {
  if (records === 0) return 'none'
  if (ms !== undefined) return duration(ms)
  return records === undefined ? '–' : `${exact(records)} rec.`
}

const trends: Readonly<Record<LagView['trend'], string>> = {
  none: '',
  growing: 'growing',
  steady: 'steady',
  shrinking: 'shrinking',
  unknown: '',
}

/** `812,000 records, growing`, `12,000 records, caught up in 3 min 20 s`; empty where nothing is behind. */
export function lagNote({ records, trend, caughtUpInMs }: LagView): string {
  if (records === undefined || records === 0) return ''
  const where = caughtUpInMs === undefined ? trends[trend] : `caught up in ${duration(caughtUpInMs)}`
  const many = `${exact(records)} ${records === 1 ? 'record' : 'records'}`
  return where === '' ? many : `${many}, ${where}`
}
