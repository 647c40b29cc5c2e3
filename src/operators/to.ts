import { type Compile, step } from './operator'

/** Writes every record to a Kafka topic, in the task's transaction. `SinkNode`. */
export const to: Compile<'to'> = (node, context) => {
  const output = context.topicOutput(node)
  return { inputs: [step(node, context, record => output.write(record))] }
}
