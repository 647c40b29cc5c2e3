import { UsageError } from '../../../ops/errors'
import { parseTime } from '../../../ops/time'
import { askOnce, entryColumns, RANGE } from '../../shared/ask-options'
import { topologyOf, topologyWithStore } from '../../shared/load-topology'
import { whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

interface Options {
  readonly application?: string
  readonly from?: number
  readonly to?: number
  readonly range?: number
  readonly partition?: number
}

const time = (text: string) => parseTime(text, Date.now())

export default verb<Options>({
  arguments: [
    { name: '<store>', about: 'the name of the store: of the step that it belongs to, as a rule' },
    { name: '<key>', about: 'a key; JSON where the keys are neither text nor numbers' },
  ],
  options: [
    {
      flags: '--application <name>',
      about: 'the topology, by its name or file (the one of this project that has the store)',
      completes: 'application',
    },
    { flags: '--from <time>', about: 'windows that touch the event time from here on', parse: time },
    { flags: '--to <time>', about: 'and up to here', parse: time },
    RANGE,
    {
      flags: '-p, --partition <n>',
      about: "of the key, where the author's own partitioner chose it",
      parse: whole('partition'),
    },
  ],
  about: `Reads a store of the running topology, whichever worker owns it: the value of a key, its last window (session, version), or
those of a stretch of event time. State is as of the last commit. Windows that have closed are there for as long as the step's
historyMs says. 3: no such store or key; 1: the topology isn't running, or nobody answers in time.`,
  examples: [
    ['topology state rollup-1m 42', 'the current minute of sensor 42'],
    ['topology state rollup-1m 42 --from 2026-11-22T15:00:00Z --to 2026-11-22T15:10:00Z', 'ten minutes of it'],
    ['topology state rollup-10s 42 --range 1m -o ndjson', 'the last minute, window by window'],
  ],
  async run(call) {
    const { args, options, out } = call
    const [store, key] = args as [string, string]
    const { application, from, to, range, partition } = options
    if (range !== undefined && (from !== undefined || to !== undefined))
      throw new UsageError("--range counts from the topology's own time on: give either it, or --from and --to")
    const topology = await (application === undefined ? topologyWithStore(store) : topologyOf(application))
    const question = {
      ...{ store, key },
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(range !== undefined && { rangeMs: range }),
    }
    const { entries } = await askOnce(topology, question, call, partition)
    out.rows(
      entries.map(entry => ({ key, ...entry })),
      entryColumns(entries),
    )
  },
})
