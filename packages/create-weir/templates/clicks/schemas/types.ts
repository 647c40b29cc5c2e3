// Generated from the .avsc files beside it by `weir schemas types`: edit those instead.
import type { AvroSchema } from 'weir-streams'

/** What one visitor did, until nothing came for a while. */
export interface Visit<Long = number> {
  /** The visitor. */
  readonly visitor: string
  /** The first click. */
  readonly from: Long
  /** The last click. */
  readonly to: Long
  /** Number of clicks. */
  readonly clicks: number
  /** The pages in order, with arrows between. */
  readonly pages: string
}

export const visit: AvroSchema<Visit, Visit<bigint>> = {
  name: 'visit',
  json: {
    "type": "record",
    "name": "Visit",
    "namespace": "clicks",
    "doc": "What one visitor did, until nothing came for a while.",
    "fields": [
      {
        "name": "visitor",
        "type": "string",
        "doc": "The visitor."
      },
      {
        "name": "from",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        },
        "doc": "The first click."
      },
      {
        "name": "to",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        },
        "doc": "The last click."
      },
      {
        "name": "clicks",
        "type": "int",
        "doc": "Number of clicks."
      },
      {
        "name": "pages",
        "type": "string",
        "doc": "The pages in order, with arrows between."
      }
    ]
  },
}
