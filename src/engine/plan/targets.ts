import type { Target } from '../../connectors/sink'
import { isKind, type Topology } from '../../dsl/graph'

/** What a topology writes to outside Kafka, each once. */
export function targetsOf({ nodes }: Topology): Target[] {
  return [...new Set(nodes.flatMap(node => (isKind(node, 'sink') ? [node.spec.target] : [])))]
}
