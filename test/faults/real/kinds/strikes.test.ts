import { Random } from '../../world/random'
import type { Slot } from '../crew/slot'
import type { Scene } from '../scene'
import { limitBackends } from './disk-full'
import { allKinds } from './kinds'
import { CellBook } from './protocol'
import { endConnections, killBackend } from './services'

/** Whose worker is silent: it sends no COMMIT, and asks Kafka for nothing. */
const silent = () => {
  const slot = { name: 'w1', kafka: {}, postgres: { cut: jest.fn() }, stop: async () => {}, start: () => {} }
  return slot as unknown as Slot & { postgres: { cut: jest.Mock } }
}
const sceneOf = (slot: Slot) => ({ random: new Random(1, 'strikes'), crew: [slot] }) as unknown as Scene
const strike = (id: string, book: CellBook, slot: Slot) =>
  allKinds(book)
    .find(each => each.id === id)!
    .strike(sceneOf(slot))

const nothing = async () => {}

describe('with time that goes on by hand', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  /** Lets time go on until the promise is settled. */
  async function over<T>(work: Promise<T>, each: () => void = () => {}): Promise<T> {
    let isOver = false
    void work.finally(() => (isOver = true)).catch(() => {})
    while (!isOver) {
      each()
      await jest.advanceTimersByTimeAsync(100)
    }
    return work
  }

  test('F8: where no COMMIT comes the fault has not struck, and none is cut later', async () => {
    const slot = silent()
    const { what, missed } = await over(strike('F8', new CellBook(), slot))
    expect([missed, what.split(', ').every(each => each === 'w1 none came')]).toEqual([true, true])
    expect(slot.postgres.watch).toBeUndefined()
    expect(slot.postgres.cut).not.toHaveBeenCalled()
  })

  test('F8: it is tried again until a COMMIT has come three times', async () => {
    const slot = silent()
    let turns = 0
    const commit = () => {
      // The first two tries meet none.
      if (++turns > 110) slot.postgres.watch?.(Buffer.from('COMMIT'), () => {})
    }
    const { what, missed } = await over(strike('F8', new CellBook(), slot), commit)
    expect(missed).toBe(false)
    expect(what).toMatch(/none came, .*(before|after)/)
    expect(slot.postgres.cut).toHaveBeenCalledTimes(3)
  })

  test('F21: where no cell is met the fault has not struck', async () => {
    const book = new CellBook()
    const { what, missed } = await over(strike('F21', book, silent()))
    expect(missed).toBe(true)
    expect(what.split('; ')).toHaveLength(3)
    expect(book.met.size).toBe(0)
  })

  test('F21: one cell that is met is enough', async () => {
    const book = new CellBook()
    const slot = silent()
    const { what, missed } = await over(strike('F21', book, slot), () => {
      if (book.met.size === 0) slot.kafka.meddle?.({ name: 'Produce' } as never)
      slot.kafka.meddle?.({ name: 'Fetch' } as never)
    })
    expect(missed).toBeUndefined()
    expect(book.met.size).toBeGreaterThan(0)
    expect(what).toMatch(/^w1: /)
  })
})

test('F7: a backend that has gone is not killed, and the next one is', async () => {
  const killed: number[] = []
  const answers = [[], [1], [2]]
  const kill = (pid: number) => {
    if (pid === 1) throw Object.assign(new Error('gone'), { code: 'ESRCH' })
    killed.push(pid)
  }
  const struck = await killBackend(async () => answers.shift() ?? [], kill)
  expect(struck).toEqual({ what: 'SIGKILL of backend 2' })
  expect(killed).toEqual([2])
})

test('F7: where every backend goes before it is killed the fault has not struck', async () => {
  const gone = () => {
    throw Object.assign(new Error('gone'), { code: 'ESRCH' })
  }
  expect(await killBackend(async () => [1], gone)).toMatchObject({ missed: true })
})

test('F7: connections are ended until there was one', async () => {
  const answers: boolean[][] = [[], [], [], [false], [true, true]]
  const struck = await endConnections(async () => answers.shift() ?? [], nothing)
  expect(struck).toEqual({ what: '2 connections ended, at 5 moments', missed: false })
  expect(await endConnections(async () => [], nothing)).toMatchObject({ missed: true })
})

test('F17: backends that could not be limited count for none', async () => {
  const answers = [[], [1, 2], [2, 3]]
  expect(
    await limitBackends(
      async () => answers.shift() ?? [],
      pid => pid === 3,
    ),
  ).toBe(1)
  const inVain = limitBackends(
    async () => [1],
    () => false,
    50,
  )
  await expect(inVain).rejects.toThrow(/in vain for a backend of a worker that could be limited/)
})
