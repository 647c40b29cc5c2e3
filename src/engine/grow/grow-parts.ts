import type { SchemaRegistry } from '../../codecs/codec'
import type { Broker } from '../../connectors/broker'
import type { Plan } from '../plan/plan'
import type { Manifest } from '../plan/state-manifest'

/** What a growth works on. */
export interface GrowParts {
  readonly plan: Plan
  /** What is kept of the state. */
  readonly manifest: Manifest
  readonly broker: Broker
  /** Asked for the schemas of keys that are Avro. */
  readonly registry: SchemaRegistry
  /** Unix ms, for what is written anew. */
  readonly nowMs: number
}
