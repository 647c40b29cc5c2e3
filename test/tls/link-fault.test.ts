import { tlsFault, urlSettings } from '../../src/tls/link-fault'
import { tlsOf } from '../../src/tls/tls-url'

const settings = urlSettings('MQTT_URL', false)
const coded = (code: string, message = '', more = {}) => Object.assign(new Error(message), { code, ...more })

test.each([
  [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'sslrootcert in MQTT_URL'],
  [coded('SELF_SIGNED_CERT_IN_CHAIN'), 'sslrootcert in MQTT_URL'],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'sslrootcert in MQTT_URL'],
  [
    coded('ERR_TLS_CERT_ALTNAME_INVALID', '', { host: 'b', cert: { subjectaltname: 'DNS:a' } }),
    'its certificate is for DNS:a, not for b: write one of its names in MQTT_URL',
  ],
  [coded('CERT_HAS_EXPIRED'), 'expired'],
  [coded('CERT_NOT_YET_VALID'), 'clock'],
  [coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), "it wants a client's certificate: give one by sslcert"],
  [coded('EPROTO', 'ssl3_read_bytes:sslv3 alert bad certificate:'), "it wants a client's certificate"],
  [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'it speaks no TLS there'],
])('%s names the setting', (error, said) => {
  expect(tlsFault(error, settings)).toContain(said)
  expect(tlsFault(new Error('fetch failed', { cause: error }), settings)).toContain(said)
})

test('a certificate that is refused is told from one that is missing', () => {
  const refused = coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA')
  expect(tlsFault(refused, urlSettings('MQTT_URL', true))).toContain("doesn't take the client's certificate")
})

test('what is about something else is left to others', () => {
  expect(tlsFault(coded('ECONNREFUSED', 'connect ECONNREFUSED'), settings)).toBeUndefined()
  expect(tlsFault('no error', settings)).toBeUndefined()
})

test.each([
  ['http://r?sslrootcert=/ca', 'write https://'],
  ['mqtt://b?sslcert=/c&sslkey=/k', 'write mqtts://'],
  ['ws://b?sslpassword=x', 'write wss://'],
])('%s wants TLS by its parameters and none by its scheme', (url, said) => {
  expect(() => tlsOf(url, 'MQTT_URL')).toThrow(said)
})
