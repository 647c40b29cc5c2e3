import { type OwnKafka, useKafka } from '../scenarios/kafka-stack'
import { startLight } from './light-stack'

/** Imported before a scenario's tests: they run on a light Kafka instead of Apache's. */
let running: OwnKafka | undefined

useKafka(async () => {
  running = await startLight()
  return running
})

afterAll(() => running?.stop())
