import { existsSync } from 'node:fs'
import { planOf } from '../../../engine/plan/plan'
import { NotFoundError } from '../../../ops/errors'
import { loadTopology, topologyFiles } from '../../shared/load-topology'
import { verb } from '../../shared/verb'

export default verb({
  arguments: [{ name: '[folder]', about: 'where the topologies are (topology.ts and topology/)', completes: 'file' }],
  about: 'Lists the topologies of a folder: application id, parts, steps, stores and source topics.',
  examples: [['topology list', 'those of this project']],
  async run({ args, out }) {
    const [folder] = args
    if (folder !== undefined && !existsSync(folder)) throw new NotFoundError(`folder "${folder}" does not exist`)
    const files = topologyFiles(folder)
    const topologies = await Promise.all(files.map(file => loadTopology(file)))
    const rows = topologies.map((loaded, at) => {
      const { topology, subTopologies } = planOf(loaded)
      const reads = new Set(subTopologies.flatMap(part => part.sources.map(source => source.spec.topic)))
      return {
        application: topology.name,
        file: files[at]!,
        parts: subTopologies.length,
        steps: topology.nodes.length,
        stores: topology.stores.length,
        reads: [...reads],
      }
    })
    out.rows(rows, [
      { title: 'APPLICATION', value: row => row.application },
      { title: 'FILE', value: row => row.file },
      { title: 'PARTS', value: row => row.parts },
      { title: 'STEPS', value: row => row.steps },
      { title: 'STORES', value: row => row.stores },
      { title: 'READS', value: row => row.reads.join(', ') },
    ])
  },
})
