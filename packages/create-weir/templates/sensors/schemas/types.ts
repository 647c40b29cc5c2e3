// Generated from the .avsc files beside it by `weir schemas types`: edit those instead.
import type { AvroSchema } from 'weir-streams'

/** One measurement of one sensor. */
export interface Reading<Long = number> {
  /** The sensor. */
  readonly sensor: string
  /** Degrees Celsius. */
  readonly temperature: number
  /** When it was measured. */
  readonly measured_at: Long
}

export const reading: AvroSchema<Reading, Reading<bigint>> = {
  name: 'reading',
  json: {
    "type": "record",
    "name": "Reading",
    "namespace": "sensors",
    "doc": "One measurement of one sensor.",
    "fields": [
      {
        "name": "sensor",
        "type": "string",
        "doc": "The sensor."
      },
      {
        "name": "temperature",
        "type": "double",
        "doc": "Degrees Celsius."
      },
      {
        "name": "measured_at",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        },
        "doc": "When it was measured."
      }
    ]
  },
}

/** What one sensor measured in one window. */
export interface Rollup<Long = number> {
  /** The sensor. */
  readonly sensor: string
  /** Start of the window, inclusive. */
  readonly window_start: Long
  /** End of the window, exclusive. */
  readonly window_end: Long
  /** Number of readings. */
  readonly count: Long
  /** Lowest temperature. */
  readonly min: number
  /** Highest temperature. */
  readonly max: number
  /** Mean temperature. */
  readonly mean: number
}

export const rollup: AvroSchema<Rollup, Rollup<bigint>> = {
  name: 'rollup',
  json: {
    "type": "record",
    "name": "Rollup",
    "namespace": "sensors",
    "doc": "What one sensor measured in one window.",
    "fields": [
      {
        "name": "sensor",
        "type": "string",
        "doc": "The sensor."
      },
      {
        "name": "window_start",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        },
        "doc": "Start of the window, inclusive."
      },
      {
        "name": "window_end",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        },
        "doc": "End of the window, exclusive."
      },
      {
        "name": "count",
        "type": "long",
        "doc": "Number of readings."
      },
      {
        "name": "min",
        "type": "double",
        "doc": "Lowest temperature."
      },
      {
        "name": "max",
        "type": "double",
        "doc": "Highest temperature."
      },
      {
        "name": "mean",
        "type": "double",
        "doc": "Mean temperature."
      }
    ]
  },
}
