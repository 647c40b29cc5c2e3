import { json, text, topology, tumbling } from '../../src'
import type { CommittedOffset, Output } from '../../src/connectors/ledger'
import { MemoryEnd } from '../../src/connectors/memory/memory-end'
import { memory } from '../../src/connectors/memory/memory-target'
import { ContentError } from '../../src/errors'
import { MemoryLedger } from '../../src/testing/memory-ledger'
import { MemoryWorker } from '../testing/memory-worker'

const serdes = { key: text, value: json<any>() }

/** Refuses each commit with such a record in it. */
class HostileLedger extends MemoryLedger {
  refuses: (topic: string, value: string) => boolean = () => false

  override async commit(offsets: readonly CommittedOffset[], outputs: readonly Output[]) {
    for (const { topic, records } of outputs)
      if (records.some(({ value }) => value !== null && this.refuses(topic, value.toString())))
        throw new ContentError(`Kafka: topic ${topic} does not take a record`)
    return super.commit(offsets, outputs)
  }
}

const isPoison = (wanted: RegExp) => (topic: string, value: string) => wanted.test(topic) && value.includes('poison')

async function scene(
  build: Parameters<typeof topology>[1],
  refuses: HostileLedger['refuses'],
  words: readonly string[],
) {
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  const ledgerOf = (kafka: ConstructorParameters<typeof MemoryLedger>[0]) => {
    const ledger = new HostileLedger(kafka)
    ledger.refuses = refuses
    return ledger
  }
  const pipe = (broker: MemoryWorker['broker'], text: string, timestamp: number) =>
    broker.write({ topic: 'in', partition: 0 }, { key: Buffer.from('k'), value: Buffer.from(text), timestamp })
  let at = 0
  const worker = await MemoryWorker.start(topology('hostile', build), { topics: { in: 1 }, ends, ledgerOf }, broker =>
    words.forEach(text => void pipe(broker, text, at++)),
  )
  return { worker, ends, pipe: (text: string) => pipe(worker.broker, text, at++) }
}

const word = (text: string) => JSON.stringify({ word: text })
const values = (worker: MemoryWorker, topic: string) => worker.read(topic).map(({ value }) => JSON.parse(`${value}`))
const offsets = (worker: MemoryWorker) =>
  worker.read('in_dead_letters').map(({ headers }) => String(headers?.['weir.origin.offset']))

describe('what Kafka refuses', () => {
  it('of results is a dead letter, and the results that come after it are not', async () => {
    const { worker, pipe } = await scene(
      s =>
        s
          .stream('in', serdes)
          .groupByKey()
          .windowedBy(tumbling({ sizeMs: 1, graceMs: 0 }), { emit: 'onWindowClose' })
          .aggregate({ name: 'words', initial: () => '', add: (all: string, { word }) => all + word })
          .toStream()
          .map((value, { key }) => [key, value])
          .to('out', serdes),
      isPoison(/^out$/),
      ['a', 'poison', 'b', 'c'].map(word),
    )
    await worker.settled()
    for (const each of ['d', 'e', 'f']) pipe(word(each))
    await worker.settled()
    await worker.stop()
    expect(values(worker, 'out')).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(values(worker, 'in_dead_letters')).toEqual(['poison'])
  })

  it('of dead letters is dropped and said, and the dead letters that come after it are not', async () => {
    const { worker, pipe } = await scene(
      s => s.stream('in', serdes).to('out', serdes),
      isPoison(/./),
      ['a', 'poison', 'b'].map(word),
    )
    await worker.settled()
    for (const each of [word('c'), 'no JSON', word('d')]) pipe(each)
    await worker.settled()
    await worker.stop()
    expect(values(worker, 'out').map(({ word }) => word)).toEqual(['a', 'b', 'c', 'd'])
    expect(offsets(worker)).toEqual(['4'])
    expect(worker.lines.filter(line => line.startsWith('error'))).toEqual([
      expect.stringMatching(/in\/0 offset 1.*in_dead_letters.*max\.message\.bytes/),
    ])
    expect([...worker.worker.tally.droppedLetters]).toEqual([['in_dead_letters', 1]])
  })

  it('of the dead letter of what can not be read harms no record beside it', async () => {
    const { worker } = await scene(s => s.stream('in', serdes).to('out', serdes), isPoison(/_dead_letters$/), [
      word('a'),
      'poison: no JSON',
      word('b'),
      'no JSON',
      word('c'),
    ])
    await worker.settled()
    await worker.stop()
    expect(values(worker, 'out').map(({ word }) => word)).toEqual(['a', 'b', 'c'])
    expect(offsets(worker)).toEqual(['3'])
    expect(worker.lines.filter(line => line.startsWith('error'))).toHaveLength(1)
  })
})

it.each([
  // c comes behind the last b that is refused.
  [false, ['c', 'd'], 1],
  [true, ['a', 'c', 'd'], 0],
])(
  'a retained value that an end takes no longer is left out when it is written again, and nothing stops (%s)',
  async (saysWhich, again, errors) => {
    type Word = { readonly word: string }
    const last = memory<string, Word>({ name: 'last', guarantee: 'at_least_once', retains: ({ value }) => value.word })
    const { worker, ends, pipe } = await scene(
      s => s.stream('in', serdes).to(last),
      () => false,
      ['a', 'b', 'c'].map(word),
    )
    const { at_least_once: end } = ends
    const written = () => end.rows.map(({ record }) => (record.value as Word).word)
    await worker.settled()
    let refusedAt = 0
    end.refuses = ({ record }) => {
      if ((record.value as Word).word !== 'b') return undefined
      refusedAt = end.rows.length
      return { reason: 'b is not to my taste', at: 'commit', saysWhich }
    }
    // The next open asks for what was retained.
    end.failNextCommit = 'before'
    pipe(word('d'))
    await worker.settled()
    await worker.stop()
    expect([...new Set(written().slice(refusedAt))].sort()).toEqual(again)
    expect(offsets(worker)).toEqual([])
    const lines = worker.lines.filter(line => line.startsWith('error: task 0_0: its retained values'))
    expect(lines).toHaveLength(errors)
  },
)
