import type { Reader } from '../../connectors/source'
import type { Slot } from './open-tasks'
import type { InputPosition } from './worker-options'

/** How far the inputs of tasks have been processed. */
export const inputPositions = (slots: ReadonlyMap<string, Slot>, reader: Reader): InputPosition[] =>
  [...slots.values()].flatMap(({ task: { id: task, inputs } }) =>
    inputs.map(input => {
      const { topic, partition, position, lastRecordMs } = input
      const nextRecordMs = input.nextRecordMs ?? reader.peek(input)?.timestamps[0]
      return { task, topic, partition, position, end: reader.end(input), nextRecordMs, lastRecordMs }
    }),
  )
