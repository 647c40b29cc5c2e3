import { Gauge } from 'prom-client'
import type { InputTally, Tally } from '../../vitals/format'
import type { Registers } from './registers'

/** What is told of one input, and as what. */
const gauges: readonly {
  readonly name: string
  readonly help: string
  readonly of: (input: InputTally) => number | undefined
}[] = [
  {
    name: 'weir_position',
    help: 'Offset in the source partition up to which records were processed.',
    of: ({ position }) => position,
  },
  {
    name: 'weir_lag_records',
    help: 'Offsets between what was processed and the end of the source partition.',
    of: ({ lag }) => lag,
  },
  {
    name: 'weir_lag_seconds',
    help: 'Age of the next record that is not processed, by its Kafka timestamp; 0 where there is none.',
    of: ({ lagMs }) => lagMs && lagMs / 1000,
  },
  {
    name: 'weir_last_record_timestamp_seconds',
    help: 'Kafka timestamp of the last record that was processed, unix time.',
    of: ({ lastRecordMs }) => lastRecordMs && lastRecordMs / 1000,
  },
]

/** Where the inputs stand, and how far behind they are; during an outage too. */
export function lags(last: () => Tally, registers: Registers): void {
  for (const { name, help, of } of gauges)
    new Gauge({
      ...{ name, help, registers, labelNames: ['task', 'topic', 'partition'] },
      collect() {
        this.reset()
        for (const { id: task, inputs } of last().tasks)
          for (const input of inputs) {
            const value = of(input)
            if (value !== undefined) this.set({ task, topic: input.topic, partition: input.partition }, value)
          }
      },
    })
}
