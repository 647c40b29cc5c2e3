import { json, text, topology } from '../../src'
import { MemoryEnd, type MemoryRefusal } from '../../src/connectors/memory/memory-end'
import { memory } from '../../src/connectors/memory/memory-target'
import { MemoryWorker } from '../testing/memory-worker'

interface Word {
  readonly id: string
  /** Who refuses it, and how. */
  readonly refused?: MemoryRefusal & { readonly by: string }
}

const partitions = 3
const serdes = { key: text, value: json<Word>() }
const rows = memory<string, Word>({ name: 'rows' })
const events = memory<string, Word>({ name: 'events', guarantee: 'at_least_once' })
const totals = memory<string, Word>({ name: 'totals' })

/** Three ends for each record, one of them behind a step with memory, and a topic; beside them a task that has nothing to do with it. */
const hostile = (onBadRecord: 'deadLetter' | 'skip' | 'fail') =>
  topology('hostile', s => {
    const words = s.stream('in', { ...serdes, onBadRecord })
    words.to(rows)
    words.to(events)
    words.to('out', serdes)
    words
      .groupByKey()
      .count({ name: 'counts' })
      .toStream()
      .mapValues((count, key) => ({ id: `${key}:${count}` }))
      .to(totals)
    s.stream('calm', serdes).to('calm-out', serdes)
  })

/** Numbers that look random and are the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

interface Scene {
  readonly worker: MemoryWorker
  readonly ends: Record<'exactly_once' | 'at_least_once', MemoryEnd>
  readonly words: readonly (Word & { readonly key: string; readonly partition: number; readonly offset: number })[]
}

const reason = ({ id }: Word) => `${id} is not to my taste`

/** A worker on a Kafka that holds words. `refusedTotals`: which counts the end refuses. */
async function scene(
  policy: Parameters<typeof hostile>[0],
  words: Scene['words'],
  refusedTotals = new Set<string>(),
): Promise<Scene> {
  const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
  const refuses: MemoryEnd['refuses'] = ({ target, record }) => {
    const word = record.value as Word
    if (target === 'totals' && refusedTotals.has(word.id))
      return { reason: reason(word), at: 'commit', saysWhich: false }
    return word.refused?.by === target ? word.refused : undefined
  }
  ends.exactly_once.refuses = ends.at_least_once.refuses = refuses
  const worker = await MemoryWorker.start(hostile(policy), { topics: { in: partitions, calm: 1 }, ends }, broker => {
    for (const { key, partition, ...word } of words.filter(isEarly)) write(broker, 'in', partition, key, word)
    for (let i = 0; i < 100; i++) write(broker, 'calm', 0, 'k', { id: `calm ${i}` })
  })
  return { worker, ends, words }
}

/** There before the worker; the others come by and by, so that a commit has few. */
const isEarly = ({ offset }: { readonly offset: number }) => offset < 80

const write = (broker: MemoryWorker['broker'], topic: string, partition: number, key: string, value: Word) =>
  broker.write({ topic, partition }, { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)), timestamp: 1 })

function wordsOf(seed: number): Scene['words'] {
  const next = numbers(seed)
  const share = [0.003, 0.02, 0.2, 1][next(4)]!
  return Array.from({ length: partitions }, (_, partition) =>
    Array.from({ length: next(120) }, (_, offset) => {
      const id = `${partition}/${offset}`
      const word = { id, key: `${partition}-${next(4)}`, partition, offset }
      if (next(1000) >= share * 1000) return word
      const by = next(2) === 0 ? 'rows' : 'events'
      const at = next(2) === 0 ? ('write' as const) : ('commit' as const)
      return { ...word, refused: { by, at, saysWhich: next(3) === 0, reason: reason(word) } }
    }),
  ).flat()
}

const idsOf = ({ ends }: Scene, target: string) =>
  Object.values(ends).flatMap(end => end.rowsOf(target).map(({ record }) => (record.value as Word).id))
const valuesOf = (records: ReturnType<MemoryWorker['read']>) =>
  records.map(({ value }) => JSON.parse(`${value}`) as Word)
const sorted = (list: Iterable<string>) => [...list].sort()
const header = ({ headers }: ReturnType<MemoryWorker['read']>[number], name: string) =>
  String(headers?.[`weir.${name}`])

describe('whatever ends refuse, all else arrives once, and each refused record is one dead letter', () => {
  it.each(Array.from({ length: 24 }, (_, seed) => seed))('seed %i', async seed => {
    const words = wordsOf(seed + 1)
    const policy = seed % 4 === 3 ? 'skip' : 'deadLetter'
    const good = words.filter(({ refused }) => refused === undefined)
    const keys = new Set(good.map(({ key }) => key))
    const allTotals = [...keys].flatMap(key => good.filter(each => each.key === key).map((_, i) => `${key}:${i + 1}`))
    const next = numbers(seed + 77)
    const refusedTotals = new Set(allTotals.filter(() => next(100) < 5))
    const all = await scene(policy, words, refusedTotals)
    const { worker } = all
    for (const { key, partition, ...word } of words.filter(each => !isEarly(each))) {
      if (next(3) === 0) await new Promise(resolve => setTimeout(resolve, next(4)))
      write(worker.broker, 'in', partition, key, word)
    }
    await worker.settled()
    await worker.stop()

    const goodIds = good.map(({ id }) => id)
    const byId = new Map(words.map(word => [word.id, word]))
    const isGood = (id: string) => byId.get(id)?.refused === undefined
    // What another end has refused may have reached this one before.
    expect(sorted(idsOf(all, 'rows').filter(isGood))).toEqual(sorted(goodIds))
    expect(new Set(idsOf(all, 'rows')).size).toBe(idsOf(all, 'rows').length)
    expect(sorted(new Set(idsOf(all, 'events').filter(isGood)))).toEqual(sorted(goodIds))
    for (const name of ['rows', 'events'])
      expect(idsOf(all, name).filter(id => byId.get(id)?.refused?.by === name)).toEqual([])
    for (const key of keys) {
      const first = new Set(idsOf(all, 'events').filter(id => isGood(id) && byId.get(id)?.key === key))
      expect([...first]).toEqual(good.filter(each => each.key === key).map(({ id }) => id))
    }
    expect(sorted(valuesOf(worker.read('out')).map(({ id }) => id))).toEqual(sorted(goodIds))
    expect(sorted(idsOf(all, 'totals'))).toEqual(sorted(allTotals.filter(id => !refusedTotals.has(id))))
    expect(worker.read('calm-out')).toHaveLength(100)

    const refused = words.filter(({ refused }) => refused !== undefined)
    const letters = worker.read('in_dead_letters').map(letter => ({
      at: `${header(letter, 'origin.topic')} ${header(letter, 'origin.partition')}/${header(letter, 'origin.offset')}`,
      said: header(letter, 'error.message'),
      class: header(letter, 'error.class'),
      id: (JSON.parse(`${letter.value}`) as Word).id,
    }))
    const expected = refused.map(word => [word.id, `in ${word.id}`, `memory end: ${reason(word)}`, 'ContentError'])
    const ofIn = letters.filter(({ at }) => at.startsWith('in '))
    expect(sorted(ofIn.map(({ id, at, said, class: name }) => [id, at, said, name].join()))).toEqual(
      policy === 'skip' ? [] : sorted(expected.map(each => each.join())),
    )
    const ofTotals = letters.filter(({ at }) => !at.startsWith('in '))
    expect(sorted(ofTotals.map(({ id, said }) => `${id} ${said}`))).toEqual(
      policy === 'skip' ? [] : sorted([...refusedTotals].map(id => `${id} memory end: ${reason({ id })}`)),
    )
  })
})

describe('a search', () => {
  const word = (offset: number, refused?: Partial<NonNullable<Word['refused']>>) => {
    const id = `0/${offset}`
    const usual = { by: 'rows', at: 'commit', saysWhich: false, reason: reason({ id }) } as const
    return { ...{ id, key: 'k', partition: 0, offset }, ...(refused && { refused: { ...usual, ...refused } }) }
  }
  const lettersOf = ({ worker }: Scene) =>
    worker.read('in_dead_letters').map(letter => `0/${header(letter, 'origin.offset')}`)

  it('blames nobody who was in the commit that an end was broken during', async () => {
    const all = await scene('deadLetter', [])
    const { worker, ends } = all
    const { at_least_once: end } = ends
    await worker.settled()
    let release = () => {}
    let isCommitting = false
    end.commitTakes = () => {
      isCommitting = true
      return new Promise<void>(resolve => {
        release = resolve
      })
    }
    const [first, second] = [word(0), word(1, { by: 'events' })]
    write(worker.broker, 'in', 0, 'k', first)
    await worker.until(() => isCommitting && idsOf(all, 'events').length === 1)
    const before = worker.worker.tally.sinkRecords.get('events')!
    write(worker.broker, 'in', 0, 'k', second)
    await worker.until(() => worker.worker.tally.sinkRecords.get('events')! > before)
    end.commitTakes = async () => {}
    release()
    await worker.settled()
    await worker.stop()
    expect(lettersOf(all)).toEqual(['0/1'])
    expect(idsOf(all, 'rows').filter(id => id === '0/0')).toHaveLength(1)
  })

  it('waits for an end that is away, and takes its absence for nothing else', async () => {
    const words = Array.from({ length: 40 }, (_, offset) => word(offset, offset === 29 ? {} : undefined))
    const all = await scene('deadLetter', words)
    const { worker, ends } = all
    const { exactly_once: end } = ends
    const { refuses } = end
    let refusals = 0
    end.refuses = row => {
      const refusal = refuses(row)
      if (refusal !== undefined && ++refusals === 3) {
        end.down = true
        setTimeout(() => {
          end.down = false
        }, 300)
      }
      return refusal
    }
    await worker.settled()
    await worker.stop()
    expect(refusals).toBeGreaterThan(3)
    expect(worker.lines.filter(line => /^warn: .*waiting until it does/.test(line))).toHaveLength(1)
    expect(lettersOf(all)).toEqual(['0/29'])
    expect(idsOf(all, 'rows')).toHaveLength(39)
  })

  it('goes on where an end has stored a commit whose answer was lost', async () => {
    const words = Array.from({ length: 40 }, (_, offset) => word(offset, offset % 13 === 12 ? {} : undefined))
    const all = await scene('deadLetter', words)
    const { worker, ends } = all
    const { exactly_once: end } = ends
    const { refuses } = end
    end.refuses = row => {
      const refusal = refuses(row)
      if (refusal !== undefined) end.failNextCommit = 'after'
      return refusal
    }
    await worker.settled()
    await worker.stop()
    expect(lettersOf(all)).toEqual(['0/12', '0/25', '0/38'])
    expect(idsOf(all, 'rows')).toEqual(words.filter(({ refused }) => !refused).map(({ id }) => id))
  })

  it('ends with its generation where another worker has taken over', async () => {
    const words = Array.from({ length: 40 }, (_, offset) => word(offset, offset === 29 ? {} : undefined))
    const all = await scene('deadLetter', words)
    const { worker, ends } = all
    const { exactly_once: end } = ends
    const { refuses } = end
    let refusals = 0
    end.refuses = row => {
      const refusal = refuses(row)
      if (refusal !== undefined) refusals++
      return refusal
    }
    let isTaken = false
    end.commitTakes = async () => {
      if (refusals < 2 || isTaken) return
      isTaken = true
      for (const [at, position] of end.positions) end.positions.set(at, { ...position, epoch: position.epoch + 1 })
    }
    await worker.settled()
    expect(worker.worker.tally.generations).toBe(2)
    await worker.stop()
    expect(worker.lines.filter(line => /another worker has taken over/.test(line))).toHaveLength(1)
    expect(lettersOf(all)).toEqual(['0/29'])
  })

  it('is none where another worker has taken over in the commit that an end refuses', async () => {
    const ends = { exactly_once: new MemoryEnd(), at_least_once: new MemoryEnd() }
    const order = topology('fenced', s => {
      const words = s.stream('in', serdes)
      words.to(events)
      words.to(rows)
    })
    ends.at_least_once.refuses = ({ record }) =>
      (record.value as Word).id === 'bad' ? { reason: 'bad', at: 'commit', saysWhich: false } : undefined
    let isTaken = false
    ends.exactly_once.commitTakes = async () => {
      if (isTaken) return
      isTaken = true
      const { positions } = ends.exactly_once
      for (const [at, position] of positions) positions.set(at, { ...position, epoch: position.epoch + 1 })
    }
    const worker = await MemoryWorker.start(order, { topics: { in: 1 }, ends }, broker =>
      write(broker, 'in', 0, 'k', { id: 'bad' }),
    )
    await worker.settled()
    expect(worker.worker.tally.generations).toBe(2)
    await worker.stop()
    expect(isTaken).toBe(true)
    expect(worker.read('in_dead_letters')).toHaveLength(1)
  })

  it('lets the others commit meanwhile', async () => {
    const all = await scene('deadLetter', [word(0, {}), word(1), word(2, {})])
    const { worker, ends } = all
    const { refuses } = ends.exactly_once
    const calm: number[] = []
    ends.exactly_once.refuses = row => {
      const refusal = refuses(row)
      if (refusal !== undefined) {
        calm.push(worker.read('calm-out').length)
        write(worker.broker, 'calm', 0, 'k', { id: `more ${calm.length}` })
      }
      return refusal
    }
    await worker.settled()
    await worker.stop()
    // Once the halves are told apart, the others commit before what is searched, each time.
    expect(calm.filter(count => count >= 100).length).toBeGreaterThan(3)
    expect(calm.at(-1)).toBeGreaterThan(102)
    expect(lettersOf(all)).toEqual(['0/0', '0/2'])
  })

  it("stops where the source's policy is to fail, and names the position", async () => {
    const all = await scene('fail', [word(0), word(1), word(2, { at: 'write' })])
    const { worker } = all
    await expect(worker.settled()).rejects.toMatchObject({
      name: 'ProcessError',
      position: { topic: 'in', partition: 0, offset: 2 },
      message: expect.stringContaining('in/0 offset 2, step in: memory end: 0/2 is not to my taste'),
    })
    await worker.stop()
    expect(idsOf(all, 'rows')).toEqual(['0/0', '0/1'])
  })
})
