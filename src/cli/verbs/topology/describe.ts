import { describe, describedParts, mermaid } from '../../../engine/picture/describe'
import { svg } from '../../../engine/picture/topology-svg'
import { planOf } from '../../../engine/plan/plan'
import { UsageError } from '../../../ops/errors'
import { TOPOLOGY_ARGUMENT, topologyOf } from '../../shared/load-topology'
import { verb } from '../../shared/verb'

export default verb<{ mermaid?: boolean; svg?: boolean }>({
  arguments: [TOPOLOGY_ARGUMENT],
  options: [
    { flags: '--mermaid', about: 'as a Mermaid flowchart, for a page or a README' },
    { flags: '--svg', about: 'as an SVG picture' },
  ],
  about: 'Draws a topology: its parts, their steps and stores, and the topics and ends that they read and write.',
  examples: [
    ['topology describe', 'the topology of this folder as text'],
    ['topology describe sensors --mermaid', 'as a flowchart for a page'],
    ['topology describe sensors --svg > sensors.svg', 'as a picture'],
    ["topology describe sensors -o json | jq '.parts[].nodes[].name'", 'the steps, for a program'],
  ],
  async run({ args, options, out }) {
    if (options.mermaid && options.svg) throw new UsageError('either --mermaid or --svg')
    const topology = await topologyOf(args[0])
    if (options.mermaid || options.svg) return out.line(options.svg ? svg(topology) : mermaid(topology))
    out.thing({ topology: topology.name, parts: describedParts(planOf(topology)) }, () => out.line(describe(topology)))
  },
})
