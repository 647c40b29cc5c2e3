import fc from 'fast-check'
import { type Packet, parser } from 'mqtt-packet'
import { chunksOf, LatestFrames, type Taken } from '../../../src/connectors/mqtt/live/latest-frames'
import { mqtt } from '../../../src/connectors/mqtt/mqtt-end'
import type { MqttVersion } from '../../../src/connectors/mqtt/mqtt-version'

const targetOf = () =>
  mqtt<string, string>({ topic: 'live/{key}', value: ({ value }) => Buffer.from(value), conflate: true })
type LiveTarget = ReturnType<typeof targetOf>

function offer(latest: LatestFrames, target: LiveTarget, values: readonly (readonly [key: string, value: string])[]) {
  const encoder = target.encoder()
  for (const [offset, [key, value]] of values.entries())
    encoder.encode({ key, value, timestamp: 0 }, { topic: 'source', partition: 0, offset })
  const chunk = encoder.take()
  if (chunk !== undefined) latest.offer(target, chunk as never)
}

/** What a broker reads of it. */
function read(taken: Taken, version: MqttVersion): [string, string][] {
  const found: [string, string][] = []
  const reader = parser({ protocolVersion: version })
  reader.on('packet', (packet: Packet) => {
    if (packet.cmd === 'publish') found.push([packet.topic, String(packet.payload)])
  })
  for (const { frames, ends, count } of chunksOf(taken).values()) {
    expect([ends.length, ends.at(-1)]).toEqual([count, frames.length])
    reader.parse(frames)
  }
  return found
}

test('of each topic the latest arrives, never an older one behind it, and what is skipped is counted', () => {
  const action = fc.oneof(
    fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'é'), fc.string({ maxLength: 300 })), { maxLength: 6 }),
    fc.constantFrom('arrives', 'is lost'),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), fc.constantFrom<MqttVersion>(4, 5), (actions, version) => {
      const [latest, target] = [new LatestFrames(), targetOf()]
      const [sent, wanted] = [new Map<string, string>(), new Map<string, string>()]
      let [offered, arrived, n] = [0, 0, 0]
      const arrive = (taken: Taken) => {
        for (const [topic, text] of read(taken, version)) {
          expect(Number(text.split(' ')[0])).toBeGreaterThan(Number(sent.get(topic)?.split(' ')[0] ?? -1))
          sent.set(topic, text)
          arrived++
        }
      }
      for (const each of actions) {
        if (typeof each === 'object') {
          const values = each.map(([key, text]) => [key, `${n++} ${text}`] as const)
          offer(latest, target, values)
          offered += values.length
          for (const [key, value] of values) wanted.set(`live/${key}`, value)
          continue
        }
        // The broker is connected to when something is sent: only then its version is known.
        target.rules.learn(version, 1 << 20)
        const taken = latest.take(200)
        if (each === 'is lost') latest.putBack(taken)
        else arrive(taken)
      }
      target.rules.learn(version, 1 << 20)
      while (latest.size > 0) arrive(latest.take(200))
      expect(sent).toEqual(wanted)
      expect(target.skipped?.()).toBe(offered - arrived)
    }),
  )
})

test('QoS 1 is refused: it would promise what is skipped', () => {
  expect(() => mqtt({ topic: 't', value: () => Buffer.alloc(0), conflate: true, qos: 1 })).toThrow(
    'conflate skips what a newer value overtakes, so that QoS 1 would promise too much',
  )
})
