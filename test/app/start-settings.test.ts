import { ConfigError, describe as described, mermaid, start, text, topology } from '../../src'
import { Asker, createBroker, Requester, serveRequests } from '../../src/client'
import { checkSettings, readConfig } from '../../src/config'
import { log } from '../../src/log'
import { TopologyTestDriver } from '../../src/testing'

const built = topology('settings', streams => {
  streams.stream('in', { key: text, value: text }).to('out', { key: text, value: text })
})

/** What is said of settings that no compiler has seen. */
async function refusal(settings: any): Promise<string> {
  const error = await start(built, settings).then(
    () => 'started',
    found => found,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return (error as Error).message.replace('wrong settings, nothing was started: ', '')
}

const list = "kafka: brokers has to be a list of host:port, as ['127.0.0.1:9092']"
const sasl = { mechanism: 'plain', username: 'me', password: 'secret' }
const secured = (kafka: object) => ({ kafka: { brokers: ['a:1'], ...kafka } })

test.each<[unknown, string]>([
  [{ kafka: { brokers: [] } }, `${list}, and is an empty list`],
  [{ kafka: { brokers: '127.0.0.1:9092' } }, `${list}, and is '127.0.0.1:9092'`],
  [{ kafka: { brokers: ['kafka'] } }, `${list}, and is a list`],
  [{ kafka: { broker: ['a:9092'] } }, 'kafka: there is no option broker; did you mean brokers?'],
  [{ kafka: 'a:9092' }, "kafka: options are an object, as { brokers, ssl, sasl }, and not 'a:9092'"],
  [{ kafka: {} }, `kafka: brokers is missing, and has to be a list of host:port, as ['127.0.0.1:9092']`],
  [secured({ ssl: 'yes' }), "kafka: ssl has to be true, or { ca, cert, key, passphrase }, and is 'yes'"],
  [secured({ ssl: { cs: 'x' } }), 'kafka: ssl: there is no option cs; did you mean ca?'],
  [secured({ sasl: { ...sasl, mechanism: 'scram' } }), expect.stringContaining("'scram-sha-512' or 'oauthbearer'")],
  [secured({ sasl: { ...sasl, password: 12345 } }), 'kafka: sasl: password has to be a text that is not empty'],
  [secured({ sasl: { mechanism: 'oauthbearer' } }), expect.stringContaining('sasl: tokenUrl is missing')],
  [{ commitIntervalMs: -1 }, 'commitIntervalMs: not a whole number, 1 to 2147483647'],
  [{ commitIntervalMs: '100' }, 'commitIntervalMs: not a whole number, 1 to 2147483647'],
  [{ commitIntervalMS: 100 }, 'commitIntervalMS is no setting; did you mean commitIntervalMs?'],
  [{ processingGuarantee: 'exactly_once' }, 'processingGuarantee is no setting; did you mean guarantee?'],
  [{ guarantee: 'exactly-once' }, expect.stringMatching(/^guarantee: .*exactly_once/)],
  [{ schemaRegistryUrl: 'http://a' }, 'schemaRegistryUrl is no setting; did you mean registryUrl?'],
  [{ registryUrl: 'nope' }, 'registryUrl: not a URL of http://, https://'],
  [{ databaseUrl: 'mysql://x' }, 'databaseUrl: not a URL of postgresql://, postgres://'],
  [{ mqttUrl: 'mqtt://x?sslrootcert=/ca.pem' }, expect.stringContaining('mqttUrl: sslrootcert is about TLS')],
  [{ log: console.log }, expect.stringContaining('log: no logger')],
  [{ signal: true }, 'signal: no AbortSignal'],
  [{ acceptNewState: 'yes' }, 'acceptNewState: neither true nor false'],
  ['all', expect.stringContaining('settings: ')],
  [{ colour: 1, maxFutureMs: -1 }, expect.stringMatching(/maxFutureMs: .*; colour is no setting; there are /)],
])('start with %j', async (settings, message) => {
  expect(await refusal(settings)).toEqual(message)
})

test('no start takes what the environment refuses, nor the other way round', () => {
  const environment: [string, string, unknown, boolean][] = [
    ['COMMIT_INTERVAL_MS', 'commitIntervalMs', 0, false],
    ['COMMIT_INTERVAL_MS', 'commitIntervalMs', 5, true],
    ['SESSION_TIMEOUT_MS', 'sessionTimeoutMs', 999, false],
    ['DATABASE_URL', 'databaseUrl', 'mysql://a', false],
    ['DATABASE_URL', 'databaseUrl', 'postgresql://a/b', true],
    ['GROUP_INSTANCE_ID', 'groupInstanceId', 'a b', false],
    ['NUM_STANDBY_REPLICAS', 'standbyReplicas', 1, true],
  ]
  const isTaken = (check: () => unknown) => {
    try {
      check()
      return true
    } catch (error) {
      if (error instanceof ConfigError) return false
      throw error
    }
  }
  for (const [variable, name, value, right] of environment)
    expect([
      name,
      isTaken(() => readConfig({ [variable]: String(value) })),
      isTaken(() => checkSettings({ [name]: value })),
    ]).toEqual([name, right, right])
})

test('every setting that a program may give is known', () => {
  const { logLevel: _, metricsPort: __, metricsHost: ___, ...config } = readConfig({})
  expect(() => checkSettings({ ...config, log, signal: new AbortController().signal })).not.toThrow()
  expect(() => checkSettings({ databaseUrl: undefined })).not.toThrow()
})

const none = (where: string, found = 'nothing') =>
  `${where} needs a topology, as topology('name', streams => ...) makes it, and is given ${found}`

test.each<[string, (given: any) => unknown]>([
  ['start', given => start(given)],
  ['TopologyTestDriver.create', given => TopologyTestDriver.create(given)],
  ['describe', async given => described(given)],
  ['mermaid', async given => mermaid(given)],
])('%s of what is no topology', async (where, call) => {
  await expect(call(undefined)).rejects.toThrow(none(where))
  await expect(call({})).rejects.toThrow(none(where, 'something else'))
  await expect(call({ default: built })).rejects.toThrow(
    `${where} is given the module that has it: take its default export`,
  )
})

describe('the other doors', () => {
  const broker = { application: 'a', brokers: ['a:1'], guarantee: 'at_least_once', sessionTimeoutMs: 10_000 }
  const registry = { schemaById() {} }
  const asking = { topology: built, broker: { createReader() {} }, registry, nowMs: Date.now }
  const requesting = { broker: {}, requestTopic: 'a', replyTopic: 'b', nowMs: Date.now }
  const serving = { broker: {}, topic: 'a', replyTopics: ['b'], handle() {}, nowMs: Date.now, log }

  test.each<[string, any, string]>([
    ['createBroker', { ...broker, brokers: [] }, 'brokers has to be a list of host:port'],
    ['createBroker', { ...broker, guarantee: 'exactly-once' }, "guarantee has to be 'exactly_once' or 'at_least_once'"],
    [
      'createBroker',
      { ...broker, sessionTimeout: 1 },
      'there is no option sessionTimeout; did you mean sessionTimeoutMs?',
    ],
    ['createBroker', { ...broker, sasl: { mechanism: 'plain' } }, 'sasl: username is missing'],
    ['createBroker', undefined, 'options are an object, as { application, brokers, guarantee }, and not undefined'],
    ['Asker.open', { ...asking, timeout: 5 }, 'there is no option timeout; did you mean timeoutMs?'],
    ['Asker.open', { ...asking, nowMs: 5 }, 'nowMs has to be a function, and is 5'],
    ['Asker.open', { ...asking, broker: undefined }, 'broker is missing, and has to be what createBroker() gives'],
    ['Requester.open', { ...requesting, requestTopics: 'a' }, 'there is no option requestTopics; did you mean'],
    ['serveRequests', { ...serving, replyTopics: 'b' }, "replyTopics has to be a list of texts, and is 'b'"],
    ['TopologyTestDriver.create', { partitons: 3 }, 'there is no option partitons; did you mean partitions?'],
    ['TopologyTestDriver.create', { partitions: 0 }, 'partitions has to be a whole number above 0, and is 0'],
  ])('%s refuses %j', async (where, options, message) => {
    const doors: Readonly<Record<string, (given: any) => unknown>> = {
      createBroker,
      serveRequests,
      'Asker.open': given => Asker.open(given),
      'Requester.open': given => Requester.open(given),
      'TopologyTestDriver.create': given => TopologyTestDriver.create(built, given),
    }
    const error = await Promise.resolve()
      .then(() => doors[where]!(options))
      .catch((found: unknown) => found)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).toContain(`${where}: ${message}`)
  })
})
