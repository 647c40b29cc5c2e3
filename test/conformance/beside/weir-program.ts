import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from '../../../src'
import { type App, startApp } from '../../../src/app/app'
import type { Serde } from '../../../src/codecs/codec'
import { readConfig } from '../../../src/config'
import type { Log } from '../../../src/log'
import { build } from '../adapter'
import type { Order } from './order'

// A worker of many applications at once, the like of recorder/src/Beside.java: `start FILE` answers `started` once all have joined their
// groups, `hurry` ends the pace and answers `hurried`, `stop` answers `stopped`. The end of the input is the end of the program.

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }
const still = new Int32Array(new SharedArrayBuffer(4))

/** How long the key of a record takes to be read. */
let paceMs = 0

function paced(): Serde<string> {
  return {
    name: text.name,
    bind: async context => {
      const codec = await text.bind(context)
      return {
        encode: value => codec.encode(value),
        decode: (buffer, start, end) => {
          if (paceMs > 0) Atomics.wait(still, 0, 0, paceMs)
          return codec.decode(buffer, start, end)
        },
      }
    },
  }
}

async function start(file: string): Promise<App[]> {
  const order: Order = JSON.parse(readFileSync(file, 'utf8'))
  const { bootstrap, stateDir, applications } = order
  paceMs = order.paceMs
  const config = readConfig({
    KAFKA_BROKERS: bootstrap,
    COMMIT_INTERVAL_MS: '200',
    SESSION_TIMEOUT_MS: '6000',
    STATE_DIR: stateDir,
  })
  const never = new AbortController().signal
  return Promise.all(
    applications.map(async ({ application, nodes }) => {
      const built = build(application, nodes, () => {}, paced())
      const app = await startApp(built, { config, log, signal: never })
      app.failed.catch((error: unknown) => {
        console.error(application, error)
        process.exit(1)
      })
      return app
    }),
  )
}

async function main(): Promise<void> {
  let apps: App[] = []
  // Who gave the orders is gone: an order that is under way is nobody's any more.
  process.stdin.once('end', () => process.exit())
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, file] = line.split(' ', 2)
    if (word === 'start') apps = await start(file!)
    else if (word === 'hurry') paceMs = 0
    else if (word === 'stop') await Promise.all(apps.map(app => app.stop()))
    else throw new Error(`"${line}" is no order`)
    console.log({ start: 'started', hurry: 'hurried', stop: 'stopped' }[word])
  }
}

void main()
