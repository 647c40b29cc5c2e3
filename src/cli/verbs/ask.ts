import { UsageError } from '../../ops/errors'
import { notFound } from '../../ops/nearest'
import { itemAt } from '../../required'
import { askOnce, entryColumns, RANGE } from '../shared/ask-options'
import { applications, topologyOf } from '../shared/load-topology'
import { verb } from '../shared/verb'

interface Options {
  readonly window?: string
  readonly range?: number
}

export default verb<Options & Readonly<Record<string, unknown>>>({
  arguments: [{ name: '<application>', about: 'the name of the topology, or its file', completes: 'application' }],
  optionsFor: async words => {
    const known = await applications()
    const application = words.find(word => known.includes(word)) ?? words[0]
    const queries = application === undefined ? undefined : (await topologyOf(application)).queries
    if (queries === undefined)
      return [{ flags: '--key <key>', about: 'the key, by the name that the topology gives it: --sensor for sensors' }]
    return [
      { flags: `--${queries.key} <key>`, about: `the ${queries.key} that is asked for` },
      {
        flags: '--window <name>',
        about: 'which of the stores (the first unless named)',
        completes: Object.keys(queries.stores),
      },
    ]
  },
  options: [RANGE],
  about: `Asks the running topology what it knows of a key now, whichever worker owns it: the last window, open or closed, or those of
a stretch of time. State is as of the last commit. The topology says in queries() what a key is called and which stores there are.
Times are event time. 3: no such topology, window or key; 1: the topology isn't running, or nobody answers in time.`,
  examples: [
    ['ask sensors --sensor 42', 'the current window of 10 s'],
    ['ask sensors --sensor 42 --window 1m --range 1h -o ndjson', 'the windows of 1 min of the last hour'],
    ['ask sensors --sensor 42 --timeout 2s', 'waits 2 s for the owner'],
  ],
  async run(call) {
    const { args, options, out } = call
    const topology = await topologyOf(itemAt(args, 0))
    const { queries } = topology
    if (queries === undefined)
      throw new UsageError(
        `topology "${topology.name}" declares no queries(); ask by a store: weir topology state STORE KEY`,
      )
    const key = options[camelCase(queries.key)] as string | undefined
    if (key === undefined) throw new UsageError(`say which ${queries.key}: --${queries.key} <key>`)
    const { window = itemAt(Object.keys(queries.stores), 0), range } = options
    const store = Object.hasOwn(queries.stores, window) ? queries.stores[window] : undefined
    if (store === undefined) throw notFound('window', window, Object.keys(queries.stores))
    const { entries } = await askOnce(topology, { store, key, ...(range !== undefined && { rangeMs: range }) }, call)
    out.rows(
      entries.map(entry => ({ [queries.key]: key, ...entry })),
      entryColumns(entries),
    )
  },
})

/** As commander names an option's value. */
const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
