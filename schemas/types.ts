// Generated from the .avsc files beside it by `weir schemas types`: edit those instead.
import type { AvroSchema } from '../src/codecs/avro-schema'

/** One measurement of one sensor. */
export interface Reading<Long = number> {
  /** The sensor, from 1. */
  readonly sensor_id: number
  /** Degrees Celsius. */
  readonly temperature: number
  /** Event time: when the sensor measured, in microseconds since 1970-01-01 UTC. */
  readonly timestamp: Long
}

export const reading: AvroSchema<Reading, Reading<bigint>> = {
  name: 'reading',
  json: {
    "type": "record",
    "name": "Reading",
    "namespace": "weir",
    "doc": "One measurement of one sensor.",
    "fields": [
      {
        "name": "sensor_id",
        "type": "int",
        "doc": "The sensor, from 1."
      },
      {
        "name": "temperature",
        "type": "double",
        "doc": "Degrees Celsius."
      },
      {
        "name": "timestamp",
        "type": {
          "type": "long",
          "logicalType": "timestamp-micros"
        },
        "doc": "Event time: when the sensor measured, in microseconds since 1970-01-01 UTC."
      }
    ]
  },
}

/** The readings of one sensor in one window of event time, emitted when the window has closed. */
export interface Rollup<Long = number> {
  /** The sensor, from 1. */
  readonly sensor_id: number
  /** Start of the window, inclusive, in microseconds since 1970-01-01 UTC. */
  readonly window_start: Long
  /** End of the window, exclusive, in microseconds since 1970-01-01 UTC. */
  readonly window_end: Long
  /** Number of readings, at least 1. */
  readonly count: Long
  /** Sum of the temperatures, added left to right in processing order. */
  readonly sum: number
  /** Lowest temperature, degrees Celsius. */
  readonly min: number
  /** Highest temperature, degrees Celsius. */
  readonly max: number
  /** sum / count. */
  readonly mean: number
}

export const rollup: AvroSchema<Rollup, Rollup<bigint>> = {
  name: 'rollup',
  json: {
    "type": "record",
    "name": "Rollup",
    "namespace": "weir",
    "doc": "The readings of one sensor in one window of event time, emitted when the window has closed.",
    "fields": [
      {
        "name": "sensor_id",
        "type": "int",
        "doc": "The sensor, from 1."
      },
      {
        "name": "window_start",
        "type": {
          "type": "long",
          "logicalType": "timestamp-micros"
        },
        "doc": "Start of the window, inclusive, in microseconds since 1970-01-01 UTC."
      },
      {
        "name": "window_end",
        "type": {
          "type": "long",
          "logicalType": "timestamp-micros"
        },
        "doc": "End of the window, exclusive, in microseconds since 1970-01-01 UTC."
      },
      {
        "name": "count",
        "type": "long",
        "doc": "Number of readings, at least 1."
      },
      {
        "name": "sum",
        "type": "double",
        "doc": "Sum of the temperatures, added left to right in processing order."
      },
      {
        "name": "min",
        "type": "double",
        "doc": "Lowest temperature, degrees Celsius."
      },
      {
        "name": "max",
        "type": "double",
        "doc": "Highest temperature, degrees Celsius."
      },
      {
        "name": "mean",
        "type": "double",
        "doc": "sum / count."
      }
    ]
  },
}
