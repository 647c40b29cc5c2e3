import { type Compile, step } from './operator'

/** Hands every record to an end outside Kafka. Only steps whose origin is one source offset stand here (the outbox rule). */
export const sink: Compile<'sink'> = (node, context) => {
  const output = context.sinkOutput(node)
  return { inputs: [step(node, context, record => output.write(record, context.origin))] }
}
