import { describe, mermaid } from '../engine/describe'
import { loadTopology } from './load-topology'
import { verb } from './verb'

export default verb<{ mermaid?: boolean }>({
  arguments: [{ name: '[file]', about: 'the topology (topology/sensors.ts)', completes: 'file' }],
  options: [{ flags: '--mermaid', about: 'as a Mermaid flowchart, for a page or a README' }],
  about: 'Draws a topology: its parts, their steps and stores, and the topics and ends that they read and write.',
  examples: [
    ['topology describe', 'topology/sensors.ts as text'],
    ['topology describe topology/mine.ts --mermaid', 'another one as a picture'],
  ],
  async run({ args, options, out }) {
    const topology = loadTopology(args[0] ?? 'topology/sensors.ts')
    const text = options.mermaid ? mermaid(topology) : describe(topology)
    for (const line of text.split('\n')) out.line(line)
  },
})
