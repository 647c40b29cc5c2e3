import { TableGuard } from '../../../src/connectors/postgres/table-guard'
import { UnavailableError, UnfitError } from '../../../src/errors'
import type { Log } from '../../../src/log'
import { at, isSettled, newest, ownTimers, readings, rowBytes, rows, rowsOf, Scene, task } from './a-sink'

/** Rows that are just too few to be worth a write of their own, and enough. */
const [few, many] = [1_213, 1_214]
const scene = new Scene()
beforeEach(() => scene.begin())
afterEach(() => scene.end())

describe('opening', () => {
  it('takes over in one transaction, on a connection that it makes for it and ends', async () => {
    const lines: string[] = []
    const note = (line: string) => lines.push(line)
    scene.added = ['added a column']
    expect(
      await scene.create({ log: { info: note, warn: note } as unknown as Log }).open([task(0, { offset: 7 })]),
    ).toEqual([7])
    expect(scene.database.asked('open')).toEqual(['BEGIN', 'raise-epochs', 'COMMIT'])
    expect(scene.database.of('open')[0]).toMatchObject({ fate: 'ended', name: 'weir app open' })
    await scene.create({ log: { info: note, warn: note } as unknown as Log }).open([task(0, { topicId: 'id2' })])
    // What was added to tables, twice, and the topic that was made again.
    expect(lines).toHaveLength(3)
    expect(lines[2]).toContain('topic in was deleted and made again')
  })

  it('gives statements and locks their time: half of what a commit may take for the locks', async () => {
    await scene.opened()
    await scene.opened({ timeoutMs: 600 })
    const [usual, short] = scene.database.of('open').map(({ asked }) => asked[0])
    expect(usual).toContain('statement_timeout = 300000; SET LOCAL lock_timeout = 15000')
    expect(short).toContain('lock_timeout = 300')
  })

  it('that fails takes nothing over, ends its connection and may be tried again', async () => {
    const sink = scene.create()
    scene.database.before = text => {
      if (text === 'COMMIT') throw new Error('the disk is gone')
    }
    const failed = sink.open([task(0)])
    await expect(failed).rejects.toThrow(UnavailableError)
    await expect(failed).rejects.toThrow('Postgres db:5432/sensors: the disk is gone')
    expect(scene.database.asked('open').at(-1)).toBe('ROLLBACK')
    expect(scene.database.positions).toEqual([])
    expect(scene.database.of('open')[0]?.fate).toBe('ended')
    scene.database.before = () => undefined
    expect(await sink.open([task(0)])).toEqual([0])
  })

  it('of a table that does not fit fences nobody', async () => {
    await scene.opened()
    jest.spyOn(TableGuard.prototype, 'check').mockImplementation(async () => {
      throw new UnfitError('a column is missing')
    })
    await expect(scene.create().open([task(0)])).rejects.toThrow(UnfitError)
    expect(scene.database.positions.map(({ epoch }) => epoch)).toEqual([1, 1])
  })

  it('waits for a silent server as long as a commit may take, and lets its connection go', async () => {
    ownTimers()
    const { met } = scene.database.hold(/INSERT INTO weir/)
    const open = scene.create({ timeoutMs: 500 }).open([task(0)])
    const failed = expect(open).rejects.toThrow('Postgres db:5432/sensors: waited 500 ms for it to open tasks')
    const connection = await met
    await jest.advanceTimersByTimeAsync(499)
    expect(connection.fate).toBe('open')
    await jest.advanceTimersByTimeAsync(1)
    await failed
    expect(connection.fate).toBe('dropped')
  })

  it('again after a failure drops what was written before it', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(3))
    await expect(sink.write('0_7', readings, rows(1))).rejects.toMatchObject({ task: '0_7', service: 'Postgres' })
    await sink.open([task(0)])
    await sink.write('0_0', readings, rows(1, 10))
    await sink.commit([at(0, 11)])
    expect(scene.database.ids('readings')).toEqual([10])
  })

  it('of more tasks keeps those that are there, with what they have written', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(1))
    await sink.open([task(2)])
    await sink.commit([at(0, 2), at(1, 1), at(2, 1)])
    expect(scene.database.positions.map(({ next }) => next)).toEqual([2, 1, 1])
    expect(scene.database.ids('readings')).toEqual([1])
  })
})

describe('writing', () => {
  it('asks nothing of the server before it is worth it, and then does so ahead of the commit', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(few))
    expect(await isSettled(sink.write('0_0', newest, rowsOf([1], newest)))).toBe(true)
    expect(scene.database.of('write')).toEqual([])
    const first = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(1, many))
    expect((await first.met).name).toBe('weir app write')
    first.go()
    expect(scene.database.asked('write')).toEqual(['BEGIN', 'COPY readings'])
    // And once more, when that has been sent.
    const second = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(1, many + 1))
    await sink.write('0_0', readings, rows(many, many + 2))
    await second.met
    second.go()
    await sink.commit([at(0, 2 * many + 2)])
    expect(scene.database.ids('readings')).toHaveLength(few + many + 2)
  })

  it('waits while more than the buffer is on its way, and goes on when there is room', async () => {
    const sink = await scene.opened({ bufferBytes: 10 * rowBytes })
    const { met, go } = scene.database.hold(/^rows$/)
    expect(await isSettled(sink.write('0_0', readings, rows(10)))).toBe(true)
    expect(scene.database.of('write')).toEqual([])
    const pressed = [sink.write('0_0', readings, rows(1, 11)), sink.write('0_1', readings, rows(1, 12))]
    await met
    for (const each of pressed) expect(await isSettled(each)).toBe(false)
    go()
    await Promise.all(pressed)
    await sink.commit([at(0, 12), at(1, 13)])
    expect(scene.database.ids('readings')).toHaveLength(12)
  })

  it('goes on once there is room, and not before', async () => {
    const size = many * rowBytes
    const sink = await scene.opened({ bufferBytes: 2 * size })
    const sent: (() => void)[] = []
    scene.database.before = text => (text === 'rows' ? new Promise<void>(resolve => sent.push(resolve)) : undefined)
    const next = async () => {
      while (sent.length === 0) await new Promise(setImmediate)
      sent.shift()?.()
    }
    const writes = [1, 2, 3, 4].map(() => sink.write('0_0', readings, rows(many)))
    const settled = () => Promise.all(writes.map(isSettled))
    expect(await settled()).toEqual([true, true, false, false])
    // What a COPY begins with, and the first of the chunks.
    await next()
    await next()
    expect(await settled()).toEqual([true, true, false, false])
    await next()
    expect(await settled()).toEqual([true, true, true, true])
    scene.database.before = () => undefined
    await next()
  })

  it('makes no connection that outlives its failure', async () => {
    ownTimers()
    const sink = await scene.opened({ bufferBytes: 1, timeoutMs: 700 })
    const { met, go } = scene.database.hold(/^connect$/)
    const failed = expect(sink.write('0_0', readings, rows(1))).rejects.toThrow('to take rows')
    const connection = await met
    await jest.advanceTimersByTimeAsync(700)
    await failed
    go()
    await sink.abort()
    expect(connection.fate).toBe('dropped')
  })

  it('has 8 MiB on their way unless told otherwise', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^rows$/)
    const chunk = rows(4_000)
    const most = Math.floor((8 * 1024 * 1024) / chunk.bytes)
    for (let i = 0; i < most; i++) expect(await isSettled(sink.write('0_0', readings, chunk))).toBe(true)
    const pressed = sink.write('0_0', readings, chunk)
    await met
    expect(await isSettled(pressed)).toBe(false)
    go()
    await pressed
  })

  it('fails, and all that waits for room, when none comes in time', async () => {
    ownTimers()
    const sink = await scene.opened({ bufferBytes: 1, timeoutMs: 700 })
    const { met } = scene.database.hold(/^rows$/)
    const pressed = [sink.write('0_0', readings, rows(1)), sink.write('0_1', readings, rows(1, 2))]
    const failed = pressed.map(each => expect(each).rejects.toThrow('waited 700 ms for it to take rows'))
    const connection = await met
    await jest.advanceTimersByTimeAsync(700)
    await Promise.all(failed)
    expect(connection.fate).toBe('dropped')
    await expect(sink.write('0_0', readings, rows(1))).rejects.toThrow(UnavailableError)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('has no timer left once there is room', async () => {
    ownTimers()
    const sink = await scene.opened({ bufferBytes: 1 })
    await sink.write('0_0', readings, rows(1))
    expect(jest.getTimerCount()).toBe(0)
    await sink.commit([at(0, 2)])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('of a server that is away is an error of who waits for room, and of the commit', async () => {
    const sink = await scene.opened({ bufferBytes: 1 })
    scene.database.isDown = true
    await expect(sink.write('0_0', readings, rows(1))).rejects.toThrow(UnavailableError)
    await expect(sink.commit([at(0, 2)])).rejects.toThrow(UnavailableError)
  })
})
