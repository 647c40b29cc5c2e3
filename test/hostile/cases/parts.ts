import type { Message } from 'kafkajs'
import type { AvroSchema } from '../../../src/index'
import { json, text, topology } from '../../../src/index'
import type { Hostile, Names, Row } from '../case'
import { type Scene, same } from '../scene'

export const serdes = { key: text, value: json<any>() }

/** Two partitions, as small as a topic that shows an order between tasks may be. */
export const two = { partitions: 2 }

export const body = (value: unknown): string => JSON.stringify(value)

/** Records that nothing is wrong with, by turns in both partitions. */
export function good(count: number, from = 0): Message[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `k${from + i}`,
    value: body({ n: from + i }),
    partition: i % 2,
  }))
}

const name = 'HOSTILE_START'
/** The event time from which cases count, ten minutes ago at a full minute: one and the same in the workers that a run starts. */
export const start = Number((process.env[name] ??= String(Math.floor(Date.now() / 60_000) * 60_000 - 600_000)))

export const valuesOf = (messages: readonly Message[]) => messages.map(({ value }) => String(value))

/** Reads JSON and writes it on: what most cases need. */
export const copy = (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), serdes)
      .mapValues(value => value)
      .to(names.topic('out'), serdes)
  })

/** Reads JSON and writes it on under another key, through a repartition topic. */
export const moved = (names: Names) =>
  topology(names.run, streams => {
    streams
      .stream(names.topic('in'), serdes)
      .selectKey((_value, key) => `${key}!`)
      .repartition({ name: 'moved' })
      .to(names.topic('out'), serdes)
  })

export interface Aside extends Partial<Omit<Hostile, 'run'>> {
  readonly id: string
  readonly came: string
  /** What each dead letter has to say. */
  readonly says: RegExp
  readonly bad: readonly Message[]
  /** Waits until the good records are where they belong; absent: they are in `out`. */
  arrived?(scene: Scene, good: readonly Message[]): Promise<void>
}

/** Records that have to be put aside alone: their neighbours, before and after, arrive once, and the worker goes on. */
export function aside({ bad, says, arrived, ...rest }: Aside): Hostile {
  return {
    topics: { in: two, out: two },
    topology: copy,
    isQuick: true,
    ...rest,
    async run(scene) {
      const [before, after] = [good(20), good(20, 20)]
      await scene.working()
      await scene.send('in', [...before.slice(0, 10), ...bad, ...before.slice(10)])
      const letters = await scene.letters('in', bad.length)
      await scene.send('in', after)
      const all = [...before, ...after]
      await (arrived?.(scene, all) ?? scene.holds('out', valuesOf(all)))
      for (const { headers } of letters)
        if (!says.test(headers['weir.error.message'] ?? ''))
          throw new Error(`a dead letter says "${headers['weir.error.message']}", not ${says}`)
      await scene.letters('in', bad.length)
      return `${all.length} neighbours through, put aside: ${letters[0]!.headers['weir.error.message']?.slice(0, 160)}`
    },
  }
}

/** One record each, all in one run: a row for each. */
export interface Each {
  readonly came: string
  readonly message: Message
  /** What its dead letter says; absent: it goes through. */
  readonly says?: RegExp
  /** What comes out of one that goes through; absent: what came in. */
  readonly out?: string
}

export async function rowsOf(scene: Scene, inputs: readonly Each[]): Promise<Row[]> {
  await scene.working()
  const tagged = inputs.map(({ message }, i) => ({ ...message, headers: { ...message.headers, row: String(i) } }))
  await scene.send('in', [...good(10), ...tagged, ...good(10, 10)])
  const refused = inputs.filter(({ says }) => says !== undefined)
  const through = inputs.filter(({ says }) => says === undefined)
  const topic = `${scene.topic('in')}_dead_letters`
  const settled = async () =>
    (await scene.read('out')).length + (await scene.read('', topic)).length >= 20 + inputs.length
  await scene.until(settled, `${refused.length} dead letters and ${20 + through.length} results`)
  const letters = new Map((await scene.read('', topic)).map(each => [each.headers.row, each]))
  const outs = new Map((await scene.read('out')).map(each => [each.headers.row, each]))
  same(
    'neighbours',
    [...(await scene.read('out'))].filter(each => each.headers.row === undefined).map(each => String(each.value)),
    valuesOf(good(20)),
  )
  return inputs.map(({ came, says, message, out = message.value === null ? 'null' : String(message.value) }, i) => {
    const letter = letters.get(String(i))?.headers['weir.error.message']
    const result = outs.get(String(i))
    if (says !== undefined)
      return { came, out: letter ?? `went through as ${result?.value}`, isRight: says.test(letter ?? '') }
    const seen = result === undefined ? `put aside: ${letter}` : String(result.value)
    return { came, out: seen.slice(0, 120), isRight: result !== undefined && seen === out }
  })
}

/** A table of any name for rows with an id and a text. */
export interface Item {
  readonly id: string
  readonly n: number
}
export const item: AvroSchema<Item> = {
  name: 'item',
  json: {
    type: 'record',
    name: 'Item',
    namespace: 'hostile',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'n', type: 'long' },
    ],
  },
}

/** A name of a run as SQL takes it. */
export const tableOf = ({ run }: Names) => run.replaceAll('-', '_')
