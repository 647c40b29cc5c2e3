import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stackAddresses } from '../../src/stack/addresses'
import { identify } from '../../src/stack/processes'
import { processOf, readState, writeState } from '../../src/stack/state'
import { stackStatus } from '../../src/stack/status'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'weir-state-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('before the first start the addresses are the usual ones', () => {
  expect(stackAddresses(home)).toEqual({
    kafkaBrokers: '127.0.0.1:9092',
    registryUrl: 'http://127.0.0.1:8081/apis/ccompat/v7',
    mqttUrl: 'mqtt://127.0.0.1:1883',
    mqttWsUrl: 'ws://127.0.0.1:9001',
    databaseUrl: 'postgresql://postgres:postgres@127.0.0.1:5432/sensors_db',
  })
})

test('afterwards the remembered ones', () => {
  writeState(home, { kafka: { port: 31001 }, mqtt: { port: 31004, wsPort: 31005, kind: 'aedes' } })
  const { kafkaBrokers, mqttUrl, mqttWsUrl, registryUrl } = stackAddresses(home)
  expect([kafkaBrokers, mqttUrl, mqttWsUrl]).toEqual([
    '127.0.0.1:31001',
    'mqtt://127.0.0.1:31004',
    'ws://127.0.0.1:31005',
  ])
  expect(registryUrl).toContain(':8081')
})

test('a file cut short counts as none', () => {
  writeFileSync(join(home, 'stack.json'), '{ "kafka": {')
  expect(readState(home)).toEqual({})
})

test('a remembered pid that another process has by now is no running service', async () => {
  const self = identify(process.pid)!
  expect(processOf({ port: 1, ...self })).toEqual(self)
  expect(processOf({ port: 1, pid: self.pid, born: 'before the reboot' })).toBeUndefined()
  writeState(home, { postgres: { port: 1, pid: self.pid, born: 'before the reboot' } })
  const rows = await stackStatus(home)
  expect(rows.map(row => row.state)).toEqual(['stopped', 'stopped', 'stopped', 'stopped'])
})
