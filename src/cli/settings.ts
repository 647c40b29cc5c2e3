import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CommonOptions } from './common'

/** Where the services are. */
export interface Settings {
  readonly brokers: readonly string[]
  readonly registryUrl: string | undefined
}

/** An option wins over the environment, the environment over the local stack's `.weir/stack.json`. */
export function settings(options: CommonOptions, environment: NodeJS.ProcessEnv = process.env): Settings {
  const stack = () => localStack()
  const brokers = options.brokers ?? environment.KAFKA_BROKERS ?? stack()?.kafka ?? '127.0.0.1:9092'
  return {
    brokers: brokers
      .split(',')
      .map(withPort)
      .filter(broker => broker !== ''),
    registryUrl: options.registry ?? environment.SCHEMA_REGISTRY_URL ?? stack()?.registry,
  }
}

const withPort = (broker: string) =>
  broker.trim() === '' || /:\d+$/.test(broker.trim()) ? broker.trim() : `${broker.trim()}:9092`

function localStack(): { kafka?: string; registry?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(resolve(__dirname, '../..'), '.weir', 'stack.json'), 'utf8'))
  } catch {
    return undefined
  }
}
