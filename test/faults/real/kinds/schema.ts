import { type Reading, reading } from '../../../../schemas/types'
import { avro } from '../../../../src/codecs/avro'
import type { AvroField, AvroRecord } from '../../../../src/codecs/avro-schema'
import { createProducer, type Producer } from '../../../../src/connectors/kafka'
import { endsOf } from '../../../../src/sensors/audit/run-start'
import { sensorsJob as job } from '../../../../src/sensors/audit/sensors-job'
import { until } from '../../../scenarios/kafka-stack'
import { PARTITIONS, type Scene } from '../scene'
import type { Kind } from './kind'
import { sendAs } from './send-as'
import { administer } from './services'

/** Readings of one stretch: all of the former version, all of the next, or both at once. */
const SENT = 150
const ROWS_LIMIT_MS = 120_000

type Encode = (value: object) => Buffer

/** A field that the next version has more, where it stands in the record, and what a producer of it writes. */
interface Added {
  readonly field: AvroField
  readonly at: number
  readonly value: unknown
}

const additions: readonly Added[] = [
  { field: { name: 'unit', type: 'string', default: 'C' }, at: 0, value: 'degrees Celsius' },
  { field: { name: 'humidity', type: ['null', 'double'], default: null }, at: 1, value: 0.5 },
  { field: { name: 'tags', type: { type: 'array', items: 'string' }, default: [] }, at: 3, value: ['roof', 'north'] },
]

function versionWith({ field, at }: Added) {
  const json = reading.json as AvroRecord
  const fields = [...json.fields]
  fields.splice(at, 0, field)
  return { name: `reading with ${field.name}`, json: { ...json, fields } }
}

/** Sends readings in the versions that `pick` says, and counts them. */
class VersionedSender {
  sent = 0

  constructor(
    private readonly scene: Scene,
    /** Temperatures go down from here: no sensor measures such, so that the rows are known by them. */
    private readonly coldest: number,
  ) {}

  async send(producer: Producer, encode: Encode): Promise<void> {
    const { random, options } = this.scene
    for (let i = 0; i < SENT; i++) {
      const sensor_id = random.whole(1, options.sensors)
      const now = Date.now()
      const value: Reading = { sensor_id, temperature: this.coldest - ++this.sent, timestamp: now * 1000 }
      await sendAs(sensor_id, producer, encode(value), now)
    }
  }

  /** What is in the table of what was sent, by code that knows nothing of versions. */
  async rows(): Promise<number> {
    const [low, high] = [this.coldest - this.sent, this.coldest - 1]
    const select = `SELECT count(DISTINCT temperature)::int FROM ${job.table} WHERE temperature BETWEEN ${low} AND ${high}`
    return Number((await administer(this.scene, select))[0])
  }
}

const lettersOf = async ({ cluster }: Scene) =>
  (await endsOf(cluster, job.deadLetters, PARTITIONS)).reduce((sum, end) => sum + end, 0)

let rounds = 0

/** What a topology does not name it does not read: the field is left out, at MQTT and in the table. */
export const schemaEvolution: Kind = {
  id: 'F18',
  title: 'a schema that changes under load: a field more, a field less, and both at once',
  async strike(scene) {
    const { random, stack, ends } = scene
    const brokers = stack.addresses.kafkaBrokers.split(',')
    const added = random.pick(additions)
    const context = { topic: job.topic, part: 'value', registry: ends.registry } as const
    const former = await avro(reading).bind(context)
    const letters = await lettersOf(scene)
    const next = await avro<object>(versionWith(added)).bind(context)
    const encoders: Encode[] = [
      value => former.encode(value as Reading) as Buffer,
      value => next.encode({ ...value, [added.field.name]: added.value }) as Buffer,
    ]
    const producers = ['former', 'next'].map(name => createProducer({ brokers, clientId: `reading-${name}` }))
    const sender = new VersionedSender(scene, -1e6 * ++rounds)
    const send = (version: 0 | 1) => sender.send(producers[version]!, encoders[version]!)
    // A worker that starts finds a version in the registry that is not its own.
    const starts = random.chance(0.5) ? random.pick(scene.crew) : undefined
    try {
      await send(0)
      await send(1)
      await starts?.stop()
      starts?.start()
      await send(0)
      await Promise.all([send(0), send(1)])
    } finally {
      for (const producer of producers) await producer.close()
    }
    await arrived(scene, sender, letters)
    return { what: `${sender.sent} readings, ${added.field.name} added${starts ? `, ${starts.name} started` : ''}` }
  },
}

/** Every reading is a row, and none is a dead letter: who reads the log by the same codec would take one for bad as the workers do. */
async function arrived(scene: Scene, sender: VersionedSender, letters: number): Promise<void> {
  let rows = 0
  const isThere = async () => {
    rows = await sender.rows()
    return rows === sender.sent
  }
  await until(isThere, 'rows of both versions', ROWS_LIMIT_MS).catch(() => undefined)
  if (rows !== sender.sent) scene.wrongs.push(`of ${sender.sent} readings of both versions ${rows} are rows: missing`)
  const more = (await lettersOf(scene)) - letters
  if (more > 0) scene.wrongs.push(`${more} offsets more in ${job.deadLetters}`)
}
