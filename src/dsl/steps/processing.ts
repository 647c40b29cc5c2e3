import { callback, checkOptions, needed } from '../../checked-options'
import { TopologyError } from '../../errors'
import type { ProcessOptions } from '../face/processing'
import type { GraphNode } from '../graph/graph-node'
import { stepOptions } from './checked-step'
import type { StreamDraft } from './drafts'

/** Adds the step of an author's processor. `fixedKey`: what it forwards has to keep the record's key. */
export function processed(
  { builder, node }: StreamDraft,
  options: ProcessOptions<any, any, any, any> | undefined,
  fixedKey: boolean,
): GraphNode {
  const where = fixedKey ? 'processValues' : 'process'
  checkOptions(where, options, { ...stepOptions.process, supplier: needed(callback) })
  const { name, supplier, stores = [] } = options as ProcessOptions<any, any, any, any>
  for (const store of stores) checkStore(name, store)
  if (stores.length > 0 && name === undefined)
    throw new TopologyError(`process: a step with stores (${stores.map(each => each.name).join(', ')}) needs a name`)
  return builder.add('process', [node.id], { supplier, stores, fixedKey }, { name, stores })
}

/** Throws TopologyError for what isn't the description of a store: a mere name is no store yet. */
function checkStore(step: string | undefined, store: unknown): void {
  if (typeof (store as { kind?: unknown } | null)?.kind === 'string') return
  throw new TopologyError(
    `process ${step ?? ''}: there is no store ${JSON.stringify(store)}; make it by keyValueStore({ name }), and name the same one wherever it is used`,
  )
}
