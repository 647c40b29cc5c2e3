import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { withDotenv } from '../../src/dotenv'

const weir = resolve('bin/weir.mjs')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-nothing-runs-'))
  mkdirSync(join(folder, 'topology'))
  writeFileSync(join(folder, 'package.json'), '{}')
})
afterEach(() => rmSync(folder, { recursive: true }))

test("a Tab names the folder's topologies and runs none of them", () => {
  const ran = join(folder, 'ran')
  writeFileSync(
    join(folder, 'topology', 'orders.ts'),
    `require('node:fs').writeFileSync(${JSON.stringify(ran)}, '')\nexport default topology('orders-by-day', () => {})\n`,
  )
  const complete = (...words: string[]) =>
    execFileSync(process.execPath, [weir, '__complete', '--', ...words], { cwd: folder, encoding: 'utf8' })
  expect(complete('topology', 'describe', '').split('\n')).toEqual(['orders-by-day', join('topology', 'orders.ts'), ''])
  expect(complete('ask', '')).toBe('orders-by-day\n')
  complete('ask', 'orders-by-day', '--')
  complete('topology', 'state', 'orders-by-day', '--')
  expect(existsSync(ran)).toBe(false)
})

test("of .env only weir's settings are read, and the process's environment is left alone", () => {
  const file = join(folder, '.env')
  writeFileSync(
    file,
    'NODE_OPTIONS=--require=/tmp/evil.js\nLD_PRELOAD=x\nPATH=x\nMQTT_URL=mqtt://b:1\nKAFKA_BROKERS=a:1\n',
  )
  expect(withDotenv({ KAFKA_BROKERS: 'given:9092' }, file)).toEqual({
    KAFKA_BROKERS: 'given:9092',
    MQTT_URL: 'mqtt://b:1',
  })
  expect(withDotenv({ A: 'b' }, join(folder, 'absent'))).toEqual({ A: 'b' })
  expect(process.env.MQTT_URL).toBeUndefined()
})
