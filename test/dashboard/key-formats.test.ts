import '../cli/on-light'
import { serveDashboard } from '../../src/dashboard/server/serve'
import { silentLog } from '../../src/log'
import { weir } from '../ops/weir'
import { callApi, getOf } from './api-client'

test.each([
  ['short', '-7'],
  ['float', '0.1'],
])('a key that is a %s is written and read as the command writes and reads it', async (keyFormat, key) => {
  const { KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL: registryUrl = '' } = process.env
  const { url, close } = await serveDashboard({
    ...{ kafka: { brokers: KAFKA_BROKERS.split(',') }, registryUrl },
    ...{ port: 0, log: silentLog, allowWrites: true, page: [{ path: '/index.html', body: Buffer.from('') }] },
  })
  try {
    const topic = `keys-${keyFormat}`
    await weir(['topics', 'create', topic])
    const made = { key, value: 'v', keyFormat, valueFormat: 'text', confirm: topic }
    expect(await callApi(url, 'POST', `/api/topics/${topic}/messages`, made)).toMatchObject({ status: 200 })
    expect((await weir(['consume', topic, '-e', '--key-format', keyFormat, '-f', '%k\\n'])).lines).toEqual([key])
    const path = `/api/topics/${topic}/messages`
    const { data } = await getOf(url, 'GET /api/topics/:topic/messages', path, { keyFormat })
    expect(data.messages).toMatchObject([{ key: { kind: 'number', text: key } }])
  } finally {
    await close()
  }
})
