import { Counter, Gauge } from 'prom-client'
import type { Outages } from '../../outages'
import type { EndTally, Tally } from '../../vitals/format'
import type { Registers } from './registers'

/** Whether ends and services are there, and what waits for them. */
export function ends(last: () => Tally, outages: Pick<Outages, 'current'>, registers: Registers): void {
  const gauge = (name: string, help: string, of: (end: EndTally) => number | undefined) =>
    new Gauge({
      ...{ name, help, registers, labelNames: ['end', 'kind'] },
      collect() {
        this.reset()
        for (const each of last().ends) {
          const value = of(each)
          if (value !== undefined) this.set({ end: each.name, kind: each.kind }, value)
        }
      },
    })
  gauge('weir_end_up', '0 while an end outside Kafka holds the job up: it is away, unfit, or owes an answer.', end =>
    end.heldSinceMs === undefined ? 1 : 0,
  )
  gauge('weir_end_queued_bytes', 'Bytes gathered for an end that it has not taken.', ({ queuedBytes }) => queuedBytes)
  new Counter({
    name: 'weir_end_skipped_records_total',
    help: 'Values that newer ones of their MQTT topic have overtaken before they were sent, of targets that conflate.',
    ...{ registers, labelNames: ['end', 'kind'] },
    collect() {
      this.reset()
      for (const { name, kind, skipped } of last().ends)
        if (skipped !== undefined) this.inc({ end: name, kind }, skipped)
    },
  })
  for (const [share, of] of [
    ['median', 'p50'],
    ['p99', 'p99'],
  ] as const) {
    gauge(
      `weir_end_commit_${share}_seconds`,
      `How long an end took for its share of the commits of the last 30 s: ${share}.`,
      ({ commitMs }) => commitMs && commitMs[of] / 1000,
    )
    gauge(
      `weir_end_age_${share}_seconds`,
      `Age of the oldest record of a commit, by its Kafka timestamp, when the end had it: ${share} of the last 30 s.`,
      ({ ageMs }) => ageMs && ageMs[of] / 1000,
    )
  }
  new Gauge({
    ...{ name: 'weir_service_down', help: '1 for each service that does not answer now.', registers },
    labelNames: ['service'],
    collect() {
      this.reset()
      for (const service of outages.current.keys()) this.set({ service }, 1)
    },
  })
}
