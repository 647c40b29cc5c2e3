import { json, text, topology } from '../../../src'
import type { OutputRecord } from '../../../src/connectors/ledger'
import { MemoryEnd } from '../../../src/connectors/memory/memory-end'
import { memory } from '../../../src/connectors/memory/memory-target'
import { topologyVitals } from '../../../src/engine/observe/topology-vitals'
import { Vitals } from '../../../src/engine/observe/vitals'
import { planOf } from '../../../src/engine/plan/plan'
import { systemClock } from '../../../src/engine/task/clock'
import { type Log, silentLog } from '../../../src/log'
import type { Application } from '../../../src/vitals/model'
import { VitalsReader } from '../../../src/vitals/reader'
import { MemoryWorker } from '../../testing/memory-worker'

interface Word {
  readonly text: string
}

const serdes = { key: text, value: json<Word>() }
const rows = memory<string, Word>({ name: 'rows' })
const words = topology('words', streams => {
  const source = streams.stream('in', serdes)
  source
    .mapValues(word => {
      if (word.text === 'poison') throw new Error('not to my taste')
      return word
    })
    .to(rows)
  source.groupByKey().count({ name: 'counts' }).toStream().to('out', { key: text, value: json<number>() })
})

const wordsOf = (...texts: string[]): OutputRecord[] =>
  texts.map(each => ({
    ...{ key: Buffer.from('k'), value: Buffer.from(JSON.stringify({ text: each })), timestamp: Date.now() },
  }))

/** A worker with vitals, and somebody who reads them. */
export async function scene(log: Log = silentLog) {
  const end = new MemoryEnd()
  const started = await MemoryWorker.start(
    words,
    { topics: { in: 1, out: 1 }, ends: { exactly_once: end, at_least_once: new MemoryEnd() } },
    () => undefined,
  )
  const { broker, worker, outages } = started
  const plan = planOf(words)
  const description = topologyVitals(plan, new Map([['in', 1]]), { version: '1', atMs: Date.now() })
  const vitals = new Vitals({ plan, topology: description, worker, broker, outages, clock: systemClock, log })
  const reader = new VitalsReader({ broker, log })
  const write = (...texts: string[]) => {
    for (const record of wordsOf(...texts)) broker.write({ topic: 'in', partition: 0 }, record)
  }
  const application = (): Application | undefined => reader.model.applications[0]
  const until = async (what: (application: Application) => boolean) => {
    await started.until(() => {
      const now = application()
      return now !== undefined && what(now)
    })
    return application()!
  }
  const stop = async () => {
    await started.stop()
    await vitals.stop()
    await reader.close()
  }
  return { ...{ end, started, broker, worker, outages, vitals, reader, write, application, until, stop } }
}
