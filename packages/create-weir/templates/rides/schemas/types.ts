// Generated from the .avsc files beside it by `weir schemas types`: edit those instead.
import type { AvroSchema } from 'weir-streams'

/** The rides of one city in one window. */
export interface CityWindow<Long = number> {
  /** The city. */
  readonly city: string
  /** Start of the window, inclusive. */
  readonly window_start: Long
  /** Number of rides. */
  readonly rides: Long
  /** Sum of the fares, euros. */
  readonly fares: number
}

export const cityWindow: AvroSchema<CityWindow, CityWindow<bigint>> = {
  name: 'city-window',
  json: {
    "type": "record",
    "name": "CityWindow",
    "namespace": "rides",
    "doc": "The rides of one city in one window.",
    "fields": [
      {
        "name": "city",
        "type": "string",
        "doc": "The city."
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
        "name": "rides",
        "type": "long",
        "doc": "Number of rides."
      },
      {
        "name": "fares",
        "type": "double",
        "doc": "Sum of the fares, euros."
      }
    ]
  },
}

/** Who drives, and what. */
export interface Driver {
  /** The driver's name. */
  readonly name: string
  /** The car. */
  readonly vehicle: Vehicle
}

/** A car. */
export interface Vehicle {
  /** Its number plate. */
  readonly plate: string
  /** Seats beside the driver's. */
  readonly seats: number
}

export const driver: AvroSchema<Driver, Driver> = {
  name: 'driver',
  json: {
    "type": "record",
    "name": "Driver",
    "namespace": "rides",
    "doc": "Who drives, and what.",
    "fields": [
      {
        "name": "name",
        "type": "string",
        "doc": "The driver's name."
      },
      {
        "name": "vehicle",
        "type": {
          "type": "record",
          "name": "Vehicle",
          "doc": "A car.",
          "fields": [
            {
              "name": "plate",
              "type": "string",
              "doc": "Its number plate."
            },
            {
              "name": "seats",
              "type": "int",
              "doc": "Seats beside the driver's."
            }
          ]
        },
        "doc": "The car."
      }
    ]
  },
}

/** A place in a city. */
export interface Place {
  /** Its city. */
  readonly city: string
  /** Latitude, degrees. */
  readonly lat: number
  /** Longitude, degrees. */
  readonly lon: number
}

export const place: AvroSchema<Place, Place> = {
  name: 'place',
  json: {
    "type": "record",
    "name": "Place",
    "namespace": "rides",
    "doc": "A place in a city.",
    "fields": [
      {
        "name": "city",
        "type": "string",
        "doc": "Its city."
      },
      {
        "name": "lat",
        "type": "double",
        "doc": "Latitude, degrees."
      },
      {
        "name": "lon",
        "type": "double",
        "doc": "Longitude, degrees."
      }
    ]
  },
}

/** A ride that a customer has asked for. */
export interface Ride<Long = number> {
  /** The ride. */
  readonly id: string
  /** Who drives. */
  readonly driver_id: string
  /** From where. */
  readonly pickup: Place
  /** To where. */
  readonly dropoff: Place
  /** Euros. */
  readonly fare: number
  /** When it was asked for. */
  readonly asked_at: Long
}

export const ride: AvroSchema<Ride, Ride<bigint>> = {
  name: 'ride',
  json: {
    "type": "record",
    "name": "Ride",
    "namespace": "rides",
    "doc": "A ride that a customer has asked for.",
    "fields": [
      {
        "name": "id",
        "type": "string",
        "doc": "The ride."
      },
      {
        "name": "driver_id",
        "type": "string",
        "doc": "Who drives."
      },
      {
        "name": "pickup",
        "type": {
          "type": "record",
          "name": "Place",
          "namespace": "rides",
          "doc": "A place in a city.",
          "fields": [
            {
              "name": "city",
              "type": "string",
              "doc": "Its city."
            },
            {
              "name": "lat",
              "type": "double",
              "doc": "Latitude, degrees."
            },
            {
              "name": "lon",
              "type": "double",
              "doc": "Longitude, degrees."
            }
          ]
        },
        "doc": "From where."
      },
      {
        "name": "dropoff",
        "type": "rides.Place",
        "doc": "To where."
      },
      {
        "name": "fare",
        "type": "double",
        "doc": "Euros."
      },
      {
        "name": "asked_at",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        },
        "doc": "When it was asked for."
      }
    ]
  },
}

/** A ride with its driver. */
export interface Trip<Long = number> {
  /** The ride. */
  readonly ride: Ride<Long>
  /** The driver, as known at that time. */
  readonly driver: Driver
}

export const trip: AvroSchema<Trip, Trip<bigint>> = {
  name: 'trip',
  json: {
    "type": "record",
    "name": "Trip",
    "namespace": "rides",
    "doc": "A ride with its driver.",
    "fields": [
      {
        "name": "ride",
        "type": {
          "type": "record",
          "name": "Ride",
          "namespace": "rides",
          "doc": "A ride that a customer has asked for.",
          "fields": [
            {
              "name": "id",
              "type": "string",
              "doc": "The ride."
            },
            {
              "name": "driver_id",
              "type": "string",
              "doc": "Who drives."
            },
            {
              "name": "pickup",
              "type": {
                "type": "record",
                "name": "Place",
                "namespace": "rides",
                "doc": "A place in a city.",
                "fields": [
                  {
                    "name": "city",
                    "type": "string",
                    "doc": "Its city."
                  },
                  {
                    "name": "lat",
                    "type": "double",
                    "doc": "Latitude, degrees."
                  },
                  {
                    "name": "lon",
                    "type": "double",
                    "doc": "Longitude, degrees."
                  }
                ]
              },
              "doc": "From where."
            },
            {
              "name": "dropoff",
              "type": "rides.Place",
              "doc": "To where."
            },
            {
              "name": "fare",
              "type": "double",
              "doc": "Euros."
            },
            {
              "name": "asked_at",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              },
              "doc": "When it was asked for."
            }
          ]
        },
        "doc": "The ride."
      },
      {
        "name": "driver",
        "type": {
          "type": "record",
          "name": "Driver",
          "namespace": "rides",
          "doc": "Who drives, and what.",
          "fields": [
            {
              "name": "name",
              "type": "string",
              "doc": "The driver's name."
            },
            {
              "name": "vehicle",
              "type": {
                "type": "record",
                "name": "Vehicle",
                "doc": "A car.",
                "fields": [
                  {
                    "name": "plate",
                    "type": "string",
                    "doc": "Its number plate."
                  },
                  {
                    "name": "seats",
                    "type": "int",
                    "doc": "Seats beside the driver's."
                  }
                ],
                "namespace": "rides"
              },
              "doc": "The car."
            }
          ]
        },
        "doc": "The driver, as known at that time."
      }
    ]
  },
}
