import { resolve } from 'node:path'

export interface Template {
  /** What it shows, as a sentence. */
  readonly about: string
  /** The topics that it reads. */
  readonly sources: readonly string[]
  /** Packages beside those of every project. */
  readonly packages: readonly string[]
}

export const templates: Readonly<Record<string, Template>> = {
  sensors: {
    about: 'What each sensor measured in every ten seconds, from Kafka to Kafka, MQTT and Postgres.',
    sources: ['readings'],
    packages: ['mqtt'],
  },
  rides: {
    about: 'Rides joined with their drivers, in nested Avro, and what each city earns.',
    sources: ['rides', 'drivers'],
    packages: [],
  },
  clicks: {
    about: 'Visits out of clicks in JSON: sessions by visitor.',
    sources: ['clicks'],
    packages: [],
  },
}

/** Where templates lie: beside what is compiled in the package, in its sources in a checkout. */
export const templateFolder = __filename.endsWith('.ts')
  ? resolve(__dirname, '../../packages/create-weir/templates')
  : resolve(__dirname, '../../templates')
