import type { Surroundings } from '../../vitals/diagnosis'
import type { BrokersSeen } from './brokers-seen'
import type { Fleets } from './fleet/fleets'
import type { GroupSampler } from './group-sampler'
import type { ServiceWatch } from './service-watch'

interface Known {
  readonly watch: Pick<ServiceWatch, 'outages'>
  readonly sampler: Pick<GroupSampler, 'groups'>
  readonly brokers: Pick<BrokersSeen, 'away'>
  readonly fleets: Pick<Fleets, 'silent'>
}

/** What the dashboard knows about applications that they don't report themselves. */
export function surroundingsOf({ watch, sampler, brokers, fleets }: Known): Surroundings {
  const away = watch.outages.find(each => each.service === 'kafka')
  const groups = [...sampler.groups.values()].filter(each => each.weir)
  return {
    ...(away === undefined ? {} : { kafkaAway: { sinceMs: away.sinceMs, reason: away.reason } }),
    ...{ brokersAway: brokers.away, silentKeys: fleets.silent },
    // Before the first survey nobody knows.
    ...(groups.length === 0 ? {} : { members: new Map(groups.map(each => [each.group, each.members.length])) }),
  }
}
