import { json, type ProcessorContext, text, topology, tumbling } from '../../src'
import type { CommittedOffset, Output } from '../../src/connectors/ledger'
import { memory } from '../../src/connectors/memory/memory-target'
import type { SinkPosition } from '../../src/connectors/sink'
import { ContentError } from '../../src/errors'
import { CapturingSink } from '../../src/testing/captured-targets'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import { TopologyTestDriver } from '../../src/testing/test-driver'

const serdes = { key: text, value: json<any>() }

/** An end that finds out at its commit that it can't take a value of "poison". */
class HostileSink extends CapturingSink {
  override async commit(positions: readonly SinkPosition[]): Promise<void> {
    const isPoison = this.pending.some(({ chunk }) => chunk.records.some(({ value }) => value.word === 'poison'))
    if (isPoison) throw new ContentError('hostile end: the word is not to my taste')
    await super.commit(positions)
  }
}

/** A log that refuses every record whose value has "poison" in it, in topics that match. */
class HostileLedger extends MemoryLedger {
  constructor(
    kafka: ConstructorParameters<typeof MemoryLedger>[0],
    private readonly topics: RegExp,
  ) {
    super(kafka)
  }
  override async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    const isPoison = outputs.some(
      ({ topic, records }) => this.topics.test(topic) && records.some(({ value }) => value?.includes('poison')),
    )
    if (isPoison) throw new ContentError('hostile log: no')
    return super.commit(offsets, outputs)
  }
}

const headersOf = (driver: TopologyTestDriver, topic: string) =>
  driver.kafka
    .records({ topic, partition: 0 })
    .map(({ headers }) => Object.fromEntries(Object.entries(headers ?? {}).map(([name, each]) => [name, `${each}`])))

const pipeWords = async (driver: TopologyTestDriver, words: readonly string[]) => {
  for (const [i, word] of words.entries()) await driver.pipe('in', { key: 'k', value: { word }, timestamp: i })
}

describe('what an end refuses for its content', () => {
  it('is a dead letter with the words of the end, and nothing else is', async () => {
    const target = memory({ name: 'end' })
    const built = topology('hostile', s => s.stream('in', serdes).to(target))
    const driver = await TopologyTestDriver.create(built, { ends: { sink: targets => new HostileSink(targets) } })
    await pipeWords(driver, ['a', 'poison', 'b', 'poison', 'c'])
    expect(driver.written('end').map(({ value }: any) => value.word)).toEqual(['a', 'b', 'c'])
    const letters = headersOf(driver, 'in_dead_letters')
    expect(letters.map(letter => letter['weir.origin.offset'])).toEqual(['1', '3'])
    expect(letters[0]).toMatchObject({
      'weir.application': 'hostile',
      'weir.error.class': 'ContentError',
      'weir.error.message': 'hostile end: the word is not to my taste',
    })
  })

  it('is a dead letter where the log refuses it, and state and offsets go on', async () => {
    const built = topology('hostile', s => {
      const counts = s.stream('in', serdes).groupByKey().count({ name: 'counts' })
      counts.toStream().to('counted', serdes)
      s.stream('in', serdes).to('out', serdes)
    })
    const ledger = (kafka: ConstructorParameters<typeof MemoryLedger>[0]) => new HostileLedger(kafka, /^out$/)
    const driver = await TopologyTestDriver.create(built, { ends: { ledger } })
    await pipeWords(driver, ['a', 'poison', 'b'])
    expect(driver.read('out').map(({ value }) => value.word)).toEqual(['a', 'b'])
    expect(driver.read('counted').map(({ value }) => value)).toEqual([1, 2])
    expect(headersOf(driver, 'in_dead_letters').map(letter => letter['weir.origin.offset'])).toEqual(['1'])
  })

  it('ends in an error, not in an endless search, where even the dead letter is refused', async () => {
    const built = topology('hostile', s => s.stream('in', serdes).to('out', serdes))
    const ledger = (kafka: ConstructorParameters<typeof MemoryLedger>[0]) => new HostileLedger(kafka, /./)
    const driver = await TopologyTestDriver.create(built, { ends: { ledger } })
    // Its letter holds the poison too, and is dropped.
    await pipeWords(driver, ['a', 'poison', 'b'])
    expect(driver.read('out').map(({ value }) => value.word)).toEqual(['a', 'b'])
    expect(headersOf(driver, 'in_dead_letters')).toEqual([])
  })
})

const later = { key: 'other', value: { word: '' } }

describe('a result that no single record is to blame for', () => {
  it('of a closing window fails alone: its window is closed, time goes on, its neighbours arrive', async () => {
    const built = topology('closing', s =>
      s
        .stream('in', serdes)
        .groupByKey()
        .windowedBy(tumbling({ sizeMs: 10, graceMs: 0 }), { emit: 'onWindowClose' })
        .aggregate({
          name: 'words',
          initial: () => '',
          add: (all: string, { word }) => all + word,
        })
        .toStream()
        .mapValues(all => {
          if (all.includes('poison')) throw new Error('can not be shown')
          return all
        })
        .map((value, key) => [key.key, value])
        .to('out', serdes),
    )
    const driver = await TopologyTestDriver.create(built)
    for (const [key, word] of [
      ['a', 'one'],
      ['b', 'poison'],
      ['c', 'two'],
    ])
      await driver.pipe('in', { key, value: { word }, timestamp: 1 })
    await driver.pipe('in', { ...later, timestamp: 10 })
    await driver.pipe('in', { ...later, timestamp: 20 })
    expect(driver.read('out').map(({ key, value }) => [key, value])).toEqual([
      ['a', 'one'],
      ['c', 'two'],
      ['other', ''],
    ])
    const [letter, ...more] = driver.kafka.records({ topic: 'in_dead_letters', partition: 0 })
    expect(more).toEqual([])
    expect(`${letter!.key} ${letter!.value}`).toBe('"b" "poison"')
    expect(headersOf(driver, 'in_dead_letters')[0]).toMatchObject({
      'weir.window.start': '0',
      'weir.window.end': '10',
      'weir.error.message': 'can not be shown',
      'weir.error.at': expect.stringMatching(/refusals\.test\.ts:\d+:\d+$/),
    })
  })

  it('of the unmatched side of a join, and of a punctuator, fails alone too', async () => {
    const built = topology('unmatched', s => {
      s.stream('in', serdes)
        .process({
          supplier: () => ({
            init: (context: ProcessorContext) => {
              context.schedule(10, 'streamTime', at => {
                if (at === 10) throw new Error('not now')
                context.forward({ key: 'tick', value: at, timestamp: at })
              })
            },
            process: () => {},
          }),
        })
        .to('ticks', serdes)
      s.stream('in', serdes)
        .leftJoin(s.stream('right', serdes), {
          name: 'near',
          windows: { beforeMs: 1, afterMs: 1, graceMs: 0 },
          joiner: ({ word }: any) => {
            if (word === 'poison') throw new Error('no partner')
            return word
          },
        })
        .to('out', serdes)
    })
    const driver = await TopologyTestDriver.create(built)
    await driver.pipe('in', { key: 'a', value: { word: 'poison' }, timestamp: 1 })
    await driver.pipe('in', { key: 'b', value: { word: 'fine' }, timestamp: 1 })
    await driver.pipe('in', { ...later, timestamp: 10 })
    await driver.pipe('in', { ...later, timestamp: 20 })
    expect(driver.read('out').map(({ value }) => value)).toEqual(['fine', ''])
    expect(driver.read('ticks').map(({ value }) => value)).toEqual([1, 20])
    expect(headersOf(driver, 'in_dead_letters').map(letter => letter['weir.error.message'])).toEqual([
      'no partner',
      'not now',
    ])
  })

  it('stops the task where the source says so', async () => {
    const built = topology('strict', s =>
      s
        .stream('in', { ...serdes, onBadRecord: 'fail' })
        .process({
          supplier: () => ({
            init: (context: ProcessorContext) => {
              context.schedule(10, 'streamTime', () => {
                throw new Error('not now')
              })
            },
            process: () => {},
          }),
        })
        .to('out', serdes),
    )
    const driver = await TopologyTestDriver.create(built)
    await expect(driver.pipe('in', { ...later, timestamp: 10 })).rejects.toThrow(/a result failed: not now/)
  })
})

it('a record that fails behind a repartition is a dead letter of its source', async () => {
  const build = (onBadRecord: 'deadLetter' | 'skip' | 'fail') =>
    topology('behind', s =>
      s
        .stream('in', { ...serdes, onBadRecord })
        .selectKey(({ word }) => word[0])
        .groupByKey()
        .aggregate({
          name: 'all',
          initial: () => '',
          add: (all: string, { word }) => {
            if (word === 'poison') throw new Error('not added')
            return all + word
          },
        })
        .toStream()
        .to('out', serdes),
    )
  const run = async (policy: Parameters<typeof build>[0]) => {
    const driver = await TopologyTestDriver.create(build(policy), { partitions: 2 })
    await pipeWords(driver, ['pa', 'poison', 'pb'])
    return driver
  }
  const driver = await run('deadLetter')
  expect(driver.read('out').map(({ value }) => value)).toEqual(['pa', 'papb'])
  const letters = [0, 1].flatMap(partition => driver.kafka.records({ topic: 'in_dead_letters', partition }))
  expect(letters.map(({ headers }) => `${headers?.['weir.origin.topic']} ${headers?.['weir.error.message']}`)).toEqual([
    'behind-all-repartition not added',
  ])
  expect((await run('skip')).read('out').map(({ value }) => value)).toEqual(['pa', 'papb'])
  await expect(run('fail')).rejects.toThrow(/step .*: not added/)
})
