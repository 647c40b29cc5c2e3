import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokerPorts, brokersFor, clusterOf, madeBrokers, votersOf, withBrokers } from '../../src/stack/kafka-cluster'
import { serviceNames } from '../../src/stack/state'

const homes: string[] = []
const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'weir-cluster-'))
  homes.push(home)
  return home
}
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true })
})

test('a new home has as many brokers as are wanted, one by default, and keeps their number', () => {
  const home = newHome()
  expect(brokersFor(home, undefined)).toBe(1)
  expect(brokersFor(home, 3)).toBe(3)
  const { id } = clusterOf(home, 3)
  expect(clusterOf(home, 3).id).toBe(id)
  expect(brokersFor(home, undefined)).toBe(3)
  expect(() => brokersFor(home, 1)).toThrow(/was made with 3 brokers and can't have 1: .* reset/)
})

test('a home from before there were several has one', () => {
  const home = newHome()
  expect(madeBrokers(home)).toBeUndefined()
  mkdirSync(join(home, 'kafka'))
  writeFileSync(join(home, 'kafka', 'formatted'), '')
  expect(brokersFor(home, undefined)).toBe(1)
  expect(() => brokersFor(home, 3)).toThrow(/was made with one broker and can't have 3/)
})

test('Kafka is all of its brokers', () => {
  expect(withBrokers(serviceNames, 1)).toEqual(['kafka', 'registry', 'postgres', 'mqtt'])
  expect(withBrokers(['kafka', 'mqtt'], 3)).toEqual(['kafka', 'kafka-2', 'kafka-3', 'mqtt'])
})

test('the voters are the brokers that run and those of this start', () => {
  const state = { kafka: { port: 1, controllerPort: 11 }, 'kafka-3': { port: 3, controllerPort: 13 } }
  const chosen = new Map([['kafka-2', { port: 2, controllerPort: 12 }]] as const)
  expect(votersOf(brokerPorts(state, chosen))).toBe('1@127.0.0.1:11,2@127.0.0.1:12,3@127.0.0.1:13')
})
