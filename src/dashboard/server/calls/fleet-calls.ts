import { fleetHistory } from '../fleet/fleet-history'
import type { Reach } from '../reach'
import type { Handlers } from './handlers'

export function fleetCalls({ history }: Pick<Reach, 'history'>): Pick<Handlers, 'GET /api/fleet/history'> {
  return { 'GET /api/fleet/history': ({ query }) => fleetHistory(history, query) }
}
