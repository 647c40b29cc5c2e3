import type { Surroundings } from '../../vitals/diagnosis'
import type { BrokersSeen } from './brokers-seen'
import type { GroupSampler } from './group-sampler'
import type { ServiceWatch } from './service-watch'

/** What the dashboard knows about applications that they don't report themselves. */
export function surroundingsOf(watch: ServiceWatch, sampler: GroupSampler, brokers: BrokersSeen): Surroundings {
  const away = watch.outages.find(each => each.service === 'kafka')
  const groups = [...sampler.groups.values()].filter(each => each.weir)
  return {
    ...(away === undefined ? {} : { kafkaAway: { sinceMs: away.sinceMs, reason: away.reason } }),
    brokersAway: brokers.away,
    // Before the first survey nobody knows.
    ...(groups.length === 0 ? {} : { members: new Map(groups.map(each => [each.group, each.members.length])) }),
  }
}
