import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { fileNames, settingNames } from '../../src/setting-names'
import { findParser } from '../stack/compose-parser'

const file = join(resolve(__dirname, '../..'), 'deploy/compose/compose.yml')
const given = {
  WEIR_IMAGE: `registry.example.com/weir@sha256:${'a1'.repeat(32)}`,
  ...{ KAFKA_BROKERS: 'kafka:9092', SCHEMA_REGISTRY_URL: 'http://registry:8081', MQTT_URL: 'mqtt://mqtt:1883' },
  DATABASE_URL_FILE: file,
}
const parser = findParser()
if (parser === undefined) console.warn('deploy/compose is NOT checked: neither Compose nor Go is here')

;(parser === undefined ? describe.skip : describe)('workers in containers, read by Compose', () => {
  test('what has to be given is asked for in words', () => {
    const { status, stderr } = parser!(file, { ...given, WEIR_IMAGE: '' })
    expect(status).not.toBe(0)
    expect(stderr).toContain('name the image by its digest')
  }, 300_000)

  test('any number of them has room on a host, without rights, and each has its state for itself', () => {
    const { status, stdout, stderr } = parser!(file, given)
    expect([status, stderr]).toEqual([0, expect.anything()])
    const { services } = parse(stdout)
    expect(Object.keys(services)).toEqual(['weir'])
    const { weir } = services
    expect(weir.image).toBe(given.WEIR_IMAGE)
    // A port or a name of the host's would be taken by the first of them.
    expect([weir.ports, weir.container_name]).toEqual([undefined, undefined])
    expect([weir.user, weir.read_only, weir.cap_drop]).toEqual(['1000:1000', true, ['ALL']])
    expect(weir.security_opt).toEqual(['no-new-privileges:true'])
    const [volume] = weir.volumes
    // Without a name: Compose makes one for each container.
    const { target, source = '' } = typeof volume === 'string' ? { target: volume } : volume
    expect([target, source]).toEqual(['/var/lib/weir', ''])
    for (const name of Object.keys(weir.environment)) expect([...settingNames, ...fileNames]).toContain(name)
  }, 300_000)
})
