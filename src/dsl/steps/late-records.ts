import type { GraphNode } from '../graph/graph-node'
import type { StreamDraft } from './drafts'

/** Takes the stream of the records that came too late for a step. */
export type TakeLate = (late: StreamDraft) => void

/** Adds the stream of the records that come too late for a window of `step`, where somebody takes it: they follow from its own inputs. */
export function addLateRecords(
  step: GraphNode,
  inputs: readonly [StreamDraft, ...StreamDraft[]],
  take: TakeLate | undefined,
): void {
  if (take === undefined) return
  const [{ builder, key, value }] = inputs
  const parents = [...new Set(inputs.map(({ node }) => node.id))]
  const node = builder.add('late', parents, { of: step.id }, { name: `${step.name}-late` })
  take({ kind: 'stream', builder, node, rekeyed: false, key, ...(inputs.length === 1 && { value }) })
}
