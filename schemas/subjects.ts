import type { SchemaSubject } from '../src/ops/schemas'
import { reading, rollup } from './types'

/** The subjects of the project's topics: `<topic>-value`, as Confluent's clients name them. */
export const subjects: readonly SchemaSubject[] = [
  { subject: 'sensor_data-value', schema: reading },
  { subject: 'sensor_data_10s-value', schema: rollup },
  { subject: 'sensor_data_1m-value', schema: rollup },
]
