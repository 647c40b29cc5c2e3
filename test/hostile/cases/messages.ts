import { mqtt, topology } from '../../../src/index'
import type { Hostile, Names } from '../case'
import { same } from '../scene'
import { heard, published } from './heard'
import { aside, body, good, serdes } from './parts'

const topics = { in: { partitions: 2 } }

/** Each record to the topic that its value names, or else its key. */
const byText = (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), serdes)
      .map((value, key) => [value.topic ?? key, value] as const)
      .to(mqtt({ topic: `${names.run}/{key}`, value: ({ value }) => Buffer.from(JSON.stringify(value)) }))
  })

const bySize = (names: Names) =>
  topology(names.run, streams => {
    streams.stream(names.topic('in'), serdes).to(
      mqtt({
        topic: `${names.run}/{key}`,
        qos: 1,
        value: ({ value }) => Buffer.from('x'.repeat(value.size ?? 0) || JSON.stringify(value)),
      }),
    )
  })

/** A text of the record itself, as a value names it, that can't be part of a topic; said by its dead letter. */
const refused = (id: string, came: string, topic: string, says: RegExp): Hostile =>
  heard(
    aside({
      ...{ id, came, says, topics, arrived: published, topology: byText },
      bad: [{ key: 'bad', value: body({ n: 1, topic }), partition: 0 }],
    }),
  )

/** Texts that MQTT or brokers have no place for: each arrives, at a topic that says it in percent signs. */
const encoded = (id: string, came: string, texts: Readonly<Record<string, string>>): Hostile => ({
  ...{ id, came, topics, topology: byText, isQuick: true },
  async run(scene) {
    const { run } = scene.names
    await scene.subscribe(`${run}/#`)
    await scene.working()
    const odd = Object.keys(texts).map((topic, i) => ({ key: 'odd', value: body({ odd: i, topic }), partition: i % 2 }))
    const all = [...good(10), ...odd, ...good(10, 10)]
    await scene.send('in', all)
    await published(scene, all)
    for (const [i, level] of Object.values(texts).entries())
      same(`topic ${level}`, [...new Set(scene.messages.get(`${run}/${level}`))], [String(odd[i]?.value)])
    await scene.letters('in', 0)
    return `${all.length} messages, at ${Object.values(texts).slice(0, 6).join(', ')}`
  },
})

const longest = 65_535
/** Of mosquitto's `max_packet_size`, below. */
const mostBytes = 5_000

/** What is published, and where: one record's text or size harms that record alone. */
export const messages: readonly Hostile[] = [
  encoded('A6a', 'code points that are no characters, in an MQTT topic', {
    'a\u{1FFFE}b': 'a%F0%9F%BF%BEb',
    '\u{10FFFF}': '%F4%8F%BF%BF',
    '\uFDD0': '%EF%B7%90',
  }),
  encoded('A6b', 'U+FFFF and U+FFFE in an MQTT topic', { 'a\uFFFFb': 'a%EF%BF%BFb', '\uFFFE': '%EF%BF%BE' }),
  encoded('A6c', 'control characters in an MQTT topic', {
    'a\u0001b': 'a%01b',
    '\u0000': '%00',
    '\n\u007F\u0085': '%0A%7F%C2%85',
  }),
  refused('A6d', 'an MQTT topic of 70,000 bytes', 'k'.repeat(70_000), /longer than 65535 bytes/),
  encoded('A6e', "MQTT's own characters in an MQTT topic, and nothing at all", {
    'a/b': 'a%2Fb',
    '+': '%2B',
    '#': '%23',
    '50%': '50%25',
    $SYS: '%24SYS',
    '': '%',
  }),
  refused('A6f', 'half of a surrogate pair in an MQTT topic', 'a\uD83D', /half of a surrogate pair/),
  {
    id: 'A6g',
    came: 'MQTT topics of 65,535 bytes and of one more, in characters of one byte and of three',
    ...{ topics, topology: byText },
    async run(scene) {
      await scene.subscribe(`${scene.names.run}/#`)
      await scene.working()
      const room = longest - `${scene.names.run}/`.length
      const [three, one] = [Math.floor(room / 3), room % 3]
      const fits = ['k'.repeat(room), '水'.repeat(three) + 'k'.repeat(one)]
      const all = [...fits, ...fits.map(topic => `${topic}k`)].map((topic, n) => ({
        key: 'long',
        value: body({ n: `long ${n}`, topic }),
        partition: 0,
      }))
      await scene.send('in', [...good(10), ...all, ...good(10, 10)])
      const letters = await scene.letters('in', 2)
      await published(scene, [...good(20), ...all.slice(0, 2)])
      for (const topic of fits)
        if (!scene.messages.has(`${scene.names.run}/${topic}`)) throw new Error('one came to another topic')
      return `two arrive, two are put aside: ${letters[0]?.headers['weir.error.message']}`
    },
  },
  {
    id: 'A6h',
    came: "MQTT packets of just the broker's limit of 5,000 bytes, and of one more",
    ...{ topics, topology: bySize },
    broker: { settings: [`max_packet_size ${mostBytes}`] },
    async run(scene) {
      const { run } = scene.names
      await scene.subscribe(`${run}/#`)
      await scene.working()
      // Type and length, topic, packet identifier, no properties.
      const size = mostBytes - 3 - (2 + `${run}/k`.length) - 2 - 1
      const records = [size - 1, size, size + 1, 6_000].map(each => ({
        key: 'k',
        value: body({ size: each }),
        partition: 0,
      }))
      await scene.send('in', [...good(10), ...records, ...good(10, 10)])
      const letters = await scene.letters('in', 2)
      await scene.until(() => scene.payloads.length >= 22, '22 messages')
      const found = [...new Set(scene.messages.get(`${run}/k`))].map(({ length }) => String(length))
      same('sizes', found, [size - 1, size].map(String))
      const says = letters[0]?.headers['weir.error.message'] ?? ''
      if (!says.includes(`a packet of ${mostBytes + 1} bytes`)) throw new Error(`a dead letter says "${says}"`)
      return `two arrive, two are put aside: ${says}`
    },
  },
]
