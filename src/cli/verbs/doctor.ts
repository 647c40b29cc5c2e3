import { type Fault, preflight } from '../../app/preflight/preflight'
import { readConfig } from '../../config'
import { withBroker } from '../shared/engine-broker'
import { defaultFile, TOPOLOGY_ARGUMENT, topologyOf } from '../shared/load-topology'
import { verb } from '../shared/verb'

export default verb({
  arguments: [TOPOLOGY_ARGUMENT],
  about: `Looks at everything that a topology needs: packages, brokers, sign-ins, rights, topics and their partitions, kept state, schemas, tables and
columns, what the MQTT broker can do, the clock. Says all that is missing or unlike at once, each with what mends it, and changes nothing. Exit code 1
where there is something. Every start of the topology looks at the same and begins with nothing else.`,
  examples: [
    ['doctor', 'what the topology of this folder still needs'],
    ['doctor topology/mine.ts', 'what another topology needs'],
    ['doctor sensors -o json', 'the same for a program'],
  ],
  async run({ args, kafka, out }) {
    const config = readConfig()
    // An option names other brokers than the settings.
    const at = { ...config, kafka: { ...config.kafka, brokers: [...kafka.brokers] } }
    const topology = await topologyOf(args[0])
    const { faults: found } = await withBroker(topology.name, kafka, broker =>
      preflight(topology, { config: at, broker, file: args[0] ?? defaultFile() }),
    )
    out.rows(found, [
      { title: 'WHERE', value: row => row.where },
      { title: 'WHAT', value: row => row.what },
      { title: 'MEND', value: row => row.mend },
    ])
    if (found.length === 0) return out.note('nothing is missing')
    throw new Error(summary(found))
  },
})

function summary(found: readonly Fault[]): string {
  const things = found.length === 1 ? 'one thing is' : `${found.length} things are`
  const away = [...new Set(found.filter(({ isAway }) => isAway).map(({ where }) => where))]
  return `${things} missing or unlike${away.length === 0 ? '' : `, and ${away.join(' and ')} could not be looked at`}`
}
