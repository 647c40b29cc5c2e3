import { resolve } from 'node:path'
import { probeHttp, probeKafka } from './probes'
import type { Launch } from './processes'
import type { Service } from './service'

/** A checkout starts TypeScript by its runner. */
const isCheckout = __filename.endsWith('.ts')
const runner = resolve(__dirname, '../../bin/run.mjs')

/** One of the programs in `light/programs`. */
const launchOf = (program: string, port: number, home: string): Launch => ({
  command: process.execPath,
  args: [
    ...(isCheckout
      ? [runner, `src/light/programs/${program}.ts`]
      : [resolve(__dirname, `../light/programs/${program}.js`)]),
    String(port),
    // Another file format than that of the programs which they stand in for.
    resolve(home, 'light', program),
  ],
  cwd: home,
})

/** A Kafka in a process of Node's, kept in a folder. */
export const lightKafka: Service = {
  name: 'kafka',
  stopSignal: 'SIGTERM',
  prepare: async ({ port }, { home }) => launchOf('kafka', port, home),
  probe: ({ port }) => probeKafka(port),
}

/** A schema registry in a process of Node's, kept in a folder. */
export const lightRegistry: Service = {
  name: 'registry',
  stopSignal: 'SIGTERM',
  prepare: async ({ port }, { home }) => launchOf('registry', port, home),
  probe: ({ port }) => probeHttp(port, '/apis/ccompat/v7/subjects'),
}
