import { type OwnKafka, useKafka } from '../scenarios/kafka-stack'
import { hangBy } from '../scenarios/world/hanging'
import { startLight } from './light-stack'

/** Imported before a scenario's tests: they run on a light Kafka that loses the markers of transactions that are to hang. */
let running: OwnKafka | undefined
const lost = new Set<string>()

useKafka(async () => {
  running = await startLight({ losesMarkers: id => lost.has(id) })
  return running
})

hangBy(async (_, transactionalId, { write, end }) => {
  await write()
  lost.add(transactionalId)
  await end()
  lost.delete(transactionalId)
})

afterAll(() => running?.stop())
