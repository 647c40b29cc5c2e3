import { Client } from 'pg'
import { laneServices } from '../scenarios/services'
import { weir } from './weir'

interface Row {
  readonly what: string
  readonly name: string
  readonly action: string
  readonly changes?: readonly string[]
}

let admin: Client

beforeAll(async () => {
  const { addresses } = await laneServices(['kafka', 'postgres'])
  process.env.KAFKA_BROKERS = addresses.kafkaBrokers
  const own = new Client({ connectionString: addresses.databaseUrl })
  await own.connect()
  await own.query('CREATE DATABASE planned')
  await own.end()
  const url = new URL(addresses.databaseUrl)
  url.pathname = '/planned'
  process.env.DATABASE_URL = url.href
  admin = new Client({ connectionString: url.href })
  await admin.connect()
  await weir(['topics', 'create', 'sensor_data', '-p', '10', '--if-not-exists'])
})
afterAll(() => admin.end())

const plan = async (): Promise<Row[]> => {
  const { code, stdout, stderr } = await weir(['topology', 'plan', 'sensors', '-o', 'json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}
const tables = async () =>
  (await plan()).flatMap(({ what, name, action }) => (what === 'table' ? [`${action} ${name}`] : []))

test('plan tells the tables too: to create, to keep, and one that does not fit', async () => {
  const names = ['sensor_data', 'sensor_data_10s', 'sensor_data_1m']
  expect(await tables()).toEqual(names.map(name => `create ${name}`))
  expect((await admin.query("SELECT to_regclass('sensor_data') AS found")).rows[0].found).toBeNull()
  expect((await weir(['migrate'])).code).toBe(0)
  expect(await tables()).toEqual(names.map(name => `keep ${name}`))
  await admin.query('ALTER TABLE sensor_data_10s ADD COLUMN must integer NOT NULL')
  const misfit = await weir(['topology', 'plan', 'sensors'])
  expect([misfit.code, misfit.stderr]).toEqual([2, expect.stringContaining('sensor_data_10s does not fit')])
  expect(misfit.stdout).toContain('sensors-rollup-10s-changelog')
})

test('without the database it shows the topics, and fails', async () => {
  const before = process.env.DATABASE_URL
  process.env.DATABASE_URL = 'postgresql://postgres@127.0.0.1:1/none'
  const { code, stdout, stderr } = await weir(['topology', 'plan', 'sensors'])
  process.env.DATABASE_URL = before
  expect([code, stderr]).toEqual([1, expect.stringContaining('127.0.0.1:1')])
  expect(stdout).toContain('sensor_data_10s')
})
