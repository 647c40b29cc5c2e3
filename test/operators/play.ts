import { json, type KStream, type KTable, type StreamsBuilder, text, topology } from '../../src'
import { type TestDriverOptions, TopologyTestDriver } from '../../src/testing/test-driver'

/** Text keys, JSON values: what scripts are written in. */
export const serdes = { key: text, value: json<any>() }
export const input = (streams: StreamsBuilder, topic = 'in') => streams.stream(topic, serdes)
export const table = (streams: StreamsBuilder, topic = 'in') => streams.table(topic, serdes)
export const pair = (left: unknown, right: unknown) => [left, right]

/** What `build` gave, as a stream; undefined where it has written everything itself. */
function streamOf(result: unknown): KStream<any, any> | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  if ('toStream' in result) return (result as KTable<any, any>).toStream()
  return 'to' in result ? (result as KStream<any, any>) : undefined
}

const textOf = (bytes: unknown) => (Buffer.isBuffer(bytes) ? bytes.toString() : bytes)

/** `a`, `null`, or `a@0..10` of a window. */
function keyText(key: any): string {
  const plain = textOf(key)
  return key?.window ? `${key.key}@${key.window.start}..${key.window.end}` : String(plain)
}

function valueText(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value)
}

/** Does what a line of a script says: a record `topic key value @timestamp`, `time @timestamp`, `wall +ms` or `crash`. */
async function act(driver: TopologyTestDriver, line: string): Promise<void> {
  const [, time] = /^time @(\d+)$/.exec(line) ?? []
  const [, ms] = /^wall \+(\d+)$/.exec(line) ?? []
  const [, topic, key, value, timestamp] = /^(\S+) (\S+) (.+) @(\d+)$/.exec(line) ?? []
  if (line === 'crash') await driver.crash()
  else if (time !== undefined) await driver.advanceStreamTime(Number(time))
  else if (ms !== undefined) await driver.advanceWallClock(Number(ms))
  else if (topic !== undefined && value !== undefined)
    await driver.pipe(topic, {
      key: key === 'null' ? null : key,
      value: JSON.parse(value),
      timestamp: Number(timestamp),
    })
  else throw new Error(`a script has no line "${line}"`)
}

/**
 * Runs the lines of a script that aren't `→ topic key value @timestamp`, and expects after each the results that the script shows below it.
 * A stream or table that `build` returns is written to the topic `out`. Resolves with the driver, for a look at stores.
 */
export async function plays(
  build: (streams: StreamsBuilder) => unknown,
  script: string,
  options: TestDriverOptions = {},
): Promise<TopologyTestDriver> {
  const built = topology('played', streams => {
    streamOf(build(streams))?.to('out', { key: json<any>(), value: json<any>() })
  })
  const driver = await TopologyTestDriver.create(built, options)
  const wanted = script
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  const played: string[] = []
  for (const line of wanted.filter(line => !line.startsWith('→'))) {
    await act(driver, line)
    played.push(line)
    for (const topic of driver.outputTopics)
      for (const { key, value, timestamp } of driver.read(topic))
        played.push(`→ ${topic} ${keyText(key)} ${valueText(value)} @${timestamp}`)
  }
  expect(played).toEqual(wanted)
  return driver
}
