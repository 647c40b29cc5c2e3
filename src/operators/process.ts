import type { Processor, ProcessorContext } from '../dsl/graph'
import { ProcessError, TopologyError } from '../errors'
import type { StreamRecord } from '../record'
import { type Compile, type Emit, step } from './operator'

/** A processor of the author's, with its stores and punctuators. `KStreamProcess`, `KStreamProcessValues`. */
export const process: Compile<'process'> = (node, context) => {
  const processor: Processor = node.spec.supplier()
  let emit: Emit = () => {}
  let inHand: StreamRecord | undefined
  const forward = (record: StreamRecord) => {
    if (node.spec.fixedKey && inHand !== undefined && record.key !== inHand.key)
      throw new ProcessError(`step ${node.name}: processValues must not change the key; use process for that`)
    emit(record)
  }
  const processorContext: ProcessorContext = {
    taskId: context.task,
    partition: context.partition,
    get metadata() {
      return context.metadata
    },
    forward,
    store: name => {
      if (!node.stores.includes(name))
        throw new TopologyError(
          `step ${node.name}: store ${name} is not among the step's stores; add it to the step's options`,
        )
      return context.store(name) as never
    },
    currentStreamTimeMs: () => context.streamTime.value,
    currentSystemTimeMs: () => context.wallClockMs(),
    schedule: (intervalMs, type, punctuate) => context.schedule(node, intervalMs, type, punctuate),
  }
  const handle = (record: StreamRecord) => {
    inHand = record
    processor.process(record)
    inHand = undefined
  }
  const bind = (out: Emit) => {
    emit = out
    try {
      processor.init?.(processorContext)
    } catch (error) {
      // RxJS would keep a throw to itself here; the task doesn't start.
      context.fail(node, error)
    }
  }
  return { inputs: [step(node, context, handle, bind)] }
}
