import { BrokersSeen } from '../../src/dashboard/server/brokers-seen'

const broker = (nodeId: number) => ({ nodeId, host: `kafka-${nodeId}`, port: 9092 })

it('names the brokers that were there and are gone, since when, until they are back', () => {
  const seen = new BrokersSeen()
  seen.note([broker(1), broker(2), broker(3)], 10)
  expect(seen.away).toEqual([])
  seen.note([broker(1), broker(3)], 20)
  seen.note([broker(1), broker(3)], 30)
  expect(seen.away).toEqual([{ name: '2 (kafka-2:9092)', sinceMs: 20 }])
  seen.note([broker(1), broker(2)], 40)
  expect(seen.away).toEqual([{ name: '3 (kafka-3:9092)', sinceMs: 40 }])
})
