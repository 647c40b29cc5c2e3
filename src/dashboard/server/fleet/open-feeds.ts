import { UsageError } from '../../../ops/errors'
import type { Frames } from '../live/feed'
import { FleetFeed } from './fleet-feed'
import type { Fleets } from './fleets'
import { KeyFeed } from './key-feed'

/**
 * The views that come as frames. Their queries are as in an address:
 * `fleet`: `topic=sensor_data&field=temperature&from=&to=` (keys between two, the ends included);
 * `fleet-key`: `topic=sensor_data&field=temperature&key=7&since=1764405000000` (ms since 1970).
 */
export function fleetFrames(fleets: Fleets): Frames {
  return {
    fleet: (query, changed) => {
      const asked = new URLSearchParams(query)
      const { fleet, release } = fleets.use(topicOf(asked), asked.get('field') ?? '')
      return new FleetFeed(fleet, { from: asked.get('from') ?? '', to: asked.get('to') ?? '' }, changed, release)
    },
    'fleet-key': (query, changed, failed) => {
      const asked = new URLSearchParams(query)
      const key = asked.get('key')
      if (key === null) throw new UsageError('fleet-key: say which `key`')
      const { fleet, release } = fleets.use(topicOf(asked), asked.get('field') ?? '')
      return new KeyFeed(fleet, { key, fromMs: Number(asked.get('since') ?? 0) || 0 }, changed, failed, release)
    },
  }
}

function topicOf(asked: URLSearchParams): string {
  const topic = asked.get('topic')
  if (topic === null || topic === '') throw new UsageError('say which `topic`')
  return topic
}
