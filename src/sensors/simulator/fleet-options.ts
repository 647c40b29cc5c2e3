import type { KafkaConfig } from '../../connectors/kafka'
import { ConfigError } from '../../errors'

/** What a fleet measures and how it misbehaves. Shares are probabilities, 0 to 1. */
export interface FleetPlan {
  /** Number of sensors; their ids are 1 to `sensors`. Default 2000. */
  readonly sensors: number
  /** Readings per second of each sensor, or `max`: as fast as the broker takes them. Default 10. */
  readonly rate: number | 'max'
  /** Ends after this time; without it and `count` it goes on until stopped. */
  readonly durationMs?: number
  /**
   * The fleet begins at this moment (unix ms): event times follow from it and the pace alone, and what is due already is sent at once.
   * With the same seed it sends the same readings again. Absent: it begins when it is started, and a reading's event time is the moment of sending.
   */
  readonly startMs?: number
  /** Ends after so many readings, duplicates not counted. */
  readonly count?: number
  /** The same seed gives the same temperatures and faults. */
  readonly seed: number
  /** Share of readings whose event time is `lateByMs` before the moment of sending. */
  readonly late: number
  /** Default 30,000: well behind a window of 10 s with a grace of 5 s. */
  readonly lateByMs: number
  /** Share of readings that are sent twice. */
  readonly duplicates: number
  /** Share of readings that are sent after a later one of the same sensor, within 3 s or its next reading. */
  readonly outOfOrder: number
}

/** Where the readings go. */
export interface FleetTarget {
  readonly kafka: Omit<KafkaConfig, 'clientId'>
  /** Where the Confluent API starts; not asked for JSON values. */
  readonly registryUrl: string
  /** Default `sensor_data`. Created with 10 partitions when it does not exist. */
  readonly topic: string
  /** Plain JSON values with unix seconds instead of Avro. Default false. */
  readonly json: boolean
  /** False sends readings without key, to the partitions in turn. Default true. */
  readonly keyed: boolean
}

export type FleetOptions = Partial<FleetPlan> & Partial<FleetTarget> & Pick<FleetTarget, 'kafka' | 'registryUrl'>

const share = (name: string, value: number): string | false =>
  !(value >= 0 && value <= 1) && `${name} must be a share from 0 to 1, and is ${value}`

function faultsOf(plan: FleetPlan & FleetTarget): string[] {
  const { sensors, rate, durationMs, count, lateByMs, startMs } = plan
  return [
    !(Number.isInteger(sensors) && sensors >= 1 && sensors <= 1e6) &&
      `sensors must be 1 to 1,000,000, and is ${sensors}`,
    rate !== 'max' && !(rate > 0 && rate <= 1e6) && `rate must be above 0, or max, and is ${rate}`,
    startMs !== undefined && !(startMs >= 0) && `start must be a time, and is ${startMs}`,
    startMs !== undefined && rate === 'max' && 'start needs a rate, which event times follow from; max is none',
    durationMs !== undefined && !(durationMs > 0) && `duration must be above 0, and is ${durationMs} ms`,
    count !== undefined &&
      !(Number.isInteger(count) && count > 0) &&
      `count must be a whole number above 0, and is ${count}`,
    !(lateByMs > 0 && lateByMs <= 1e12) && `late-by must be above 0, and is ${lateByMs} ms`,
    !Number.isSafeInteger(plan.seed) && `seed must be an integer, and is ${plan.seed}`,
    share('late', plan.late),
    share('duplicates', plan.duplicates),
    share('out-of-order', plan.outOfOrder),
  ].filter(fault => fault !== false)
}

/** Adds the defaults. Throws ConfigError that names every fault at once. */
export function fleetOptions(options: FleetOptions): FleetPlan & FleetTarget {
  const { kafka, registryUrl, durationMs, count, startMs } = options
  const full = {
    sensors: options.sensors ?? 2000,
    rate: options.rate ?? 10,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(count === undefined ? {} : { count }),
    ...(startMs === undefined ? {} : { startMs }),
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
    late: options.late ?? 0,
    lateByMs: options.lateByMs ?? 30_000,
    duplicates: options.duplicates ?? 0,
    outOfOrder: options.outOfOrder ?? 0,
    kafka,
    registryUrl,
    topic: options.topic ?? 'sensor_data',
    json: options.json ?? false,
    keyed: options.keyed ?? true,
  }
  const faults = faultsOf(full)
  if (faults.length > 0) throw new ConfigError(faults.join('; '))
  return full
}
