import { join, resolve } from 'node:path'
import { isInstalled } from './home'
import { probeHttp, probeKafka } from './probes'
import type { Launch } from './processes'
import type { Service } from './service'
import { StackError } from './stack-error'

const runner = resolve(__dirname, '../../bin/run.mjs')

/** One of the programs in `light/programs`. */
const launchOf = (program: string, port: number, home: string): Launch => ({
  command: process.execPath,
  args: [runner, join('src/light/programs', program), String(port)],
  cwd: home,
})

/** The package that has the stack has neither weir's wire code nor its Avro, on which both stand. */
async function requireCheckout(): Promise<void> {
  if (isInstalled)
    throw new StackError('the light Kafka and registry are in a checkout of weir alone: start without --light')
}

/** Kafka in memory, in a process of Node's. */
export const lightKafka: Service = {
  name: 'kafka',
  stopSignal: 'SIGTERM',
  require: requireCheckout,
  prepare: async ({ port }, { home }) => launchOf('kafka.ts', port, home),
  probe: ({ port }) => probeKafka(port),
}

/** A schema registry in memory, in a process of Node's. */
export const lightRegistry: Service = {
  name: 'registry',
  stopSignal: 'SIGTERM',
  require: requireCheckout,
  prepare: async ({ port }, { home }) => launchOf('registry.ts', port, home),
  probe: ({ port }) => probeHttp(port, '/apis/ccompat/v7/subjects'),
}
