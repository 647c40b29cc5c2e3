import { FencedError, SinkError, UnavailableError } from '../../../src/errors'
import { refusal } from './a-postgres'
import { at, isSettled, newest, ownTimers, readings, rows, rowsOf, Scene, task } from './a-sink'

const scene = new Scene()
beforeEach(() => scene.begin())
afterEach(() => scene.end())

/** Enough to be sent ahead of the commit. */
const many = 1_214
const next = () => scene.database.positions.map(position => position.next)
const stored = () => scene.database.ids('readings')
const connection = (number = 0) => scene.database.of('write')[number]!

describe('a commit', () => {
  it('is one transaction of rows and positions', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', newest, rowsOf([7], newest))
    await sink.write('0_0', readings, rows(3))
    await sink.commit([at(0, 4), at(1, 9)])
    expect(scene.database.asked('write')).toEqual(['BEGIN', 'COPY readings', 'INSERT INTO', 'move-positions', 'COMMIT'])
    expect([stored(), scene.database.ids('newest'), next()]).toEqual([[1, 2, 3], [7], [4, 9]])
  })

  it('ends what was sent ahead of it before it asks for anything else', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(many))
    await met
    go()
    await sink.write('0_0', newest, rowsOf([7], newest))
    await sink.commit([at(0, many + 1)])
    expect(scene.database.asked('write')).toEqual([
      ...['BEGIN', 'COPY readings', 'LOCK TABLE', 'INSERT INTO', 'move-positions', 'COMMIT'],
    ])
    expect(scene.database.ids('newest')).toEqual([7])
  })

  it('of positions alone moves them, on the connection that is there', async () => {
    const sink = await scene.opened()
    await sink.commit([at(0, 4)])
    await sink.commit([at(0, 6)])
    expect(next()).toEqual([6, 0])
    expect(scene.database.asked('write')).toEqual(Array(2).fill(['BEGIN', 'move-positions', 'COMMIT']).flat())
    expect(scene.database.of('write')).toHaveLength(1)
  })

  it('of nothing asks nothing', async () => {
    const sink = await scene.opened()
    await sink.commit([])
    expect(scene.database.of('write')).toEqual([])
  })

  it.each([[[]], [[at(1, 4)]]])(
    'without the position of rows is a mistake of the engine, and stores none: %j',
    async positions => {
      const sink = await scene.opened()
      await sink.write('0_0', readings, rows(1))
      await expect(sink.commit(positions)).rejects.toMatchObject({ name: 'SinkError', fatal: true })
      await expect(sink.commit([at(0, 2)])).rejects.toThrow(SinkError)
      expect([stored(), next()]).toEqual([[], [0, 0]])
    },
  )

  it('tells a partition of another topic from the one that rows are of', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(1))
    await expect(sink.commit([{ ...at(0, 2), topic: 'other' }])).rejects.toMatchObject({ fatal: true })
  })

  it('that fails at its COMMIT may be made again once the sink is opened, and moves nothing twice', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(3))
    scene.database.before = text => {
      if (text === 'COMMIT') throw refusal('', '57P01')
    }
    await expect(sink.commit([at(0, 4)])).rejects.toThrow(UnavailableError)
    scene.database.before = () => undefined
    expect(connection().fate).toBe('dropped')
    expect(await sink.open([task(0)])).toEqual([0])
    await sink.write('0_0', readings, rows(3))
    await sink.commit([at(0, 4)])
    expect([stored(), next()]).toEqual([
      [1, 2, 3],
      [4, 0],
    ])
  })

  it('of rows that could not be sent ahead of it fails as they did', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^BEGIN/)
    await sink.write('0_0', readings, rows(many))
    const commit = sink.commit([at(0, many + 1)])
    const failed = expect(commit).rejects.toThrow('Connection terminated')
    const lost = await met
    lost.close('lost')
    go()
    await failed
    expect([stored(), next()]).toEqual([[], [0, 0]])
    expect(scene.database.of('write')).toHaveLength(1)
  })

  it('is fenced by another owner, and stores nothing', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(3))
    await scene.opened()
    await expect(sink.commit([at(0, 4)])).rejects.toThrow(FencedError)
    await expect(sink.write('0_0', readings, rows(1))).rejects.toThrow(FencedError)
    // A commit of nothing is one that fails, too.
    await expect(sink.commit([])).rejects.toThrow(FencedError)
    expect(stored()).toEqual([])
  })

  it('that a server is silent to fails in time, and is rolled back with its connection', async () => {
    ownTimers()
    const sink = await scene.opened({ timeoutMs: 400 })
    await sink.write('0_0', readings, rows(3))
    const { met } = scene.database.hold(/^COMMIT$/)
    const failed = expect(sink.commit([at(0, 4)])).rejects.toThrow('waited 400 ms for it to commit')
    await met
    await jest.advanceTimersByTimeAsync(399)
    expect(connection().fate).toBe('open')
    await jest.advanceTimersByTimeAsync(1)
    await failed
    expect(connection().fate).toBe('dropped')
    expect([stored(), next()]).toEqual([[], [0, 0]])
  })

  it('has 30 s unless told otherwise, and no timer left afterwards', async () => {
    ownTimers()
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^COMMIT$/)
    const commit = sink.commit([at(0, 4)])
    await met
    await jest.advanceTimersByTimeAsync(29_999)
    go()
    await commit
    expect(next()).toEqual([4, 0])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('waits for no rows of the next one', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(3))
    const { met, go } = scene.database.hold(/^COMMIT$/)
    const commit = sink.commit([at(0, 4)])
    await met
    await sink.write('0_0', readings, rows(many, 4))
    await sink.write('0_1', readings, rowsOf([5_000], readings, 1))
    go()
    await commit
    expect(stored()).toEqual([1, 2, 3])
    await sink.commit([at(0, 4 + many), at(1, 5_001)])
    expect(stored()).toHaveLength(3 + many + 1)
  })
})

describe('a connection', () => {
  it('that is lost while nothing is under way costs nothing', async () => {
    const sink = await scene.opened()
    await sink.commit([at(0, 1)])
    await sink.write('0_0', readings, rows(1))
    connection().cut()
    await sink.commit([at(0, 2)])
    expect([stored(), next()]).toEqual([[1], [2, 0]])
    expect(scene.database.of('write')).toHaveLength(2)
  })

  it('that is lost with rows in its transaction breaks the sink at once', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(many))
    const lost = await met
    go()
    await isSettled(met)
    lost.cut()
    await expect(sink.write('0_0', readings, rows(1))).rejects.toThrow(UnavailableError)
    await expect(sink.commit([at(0, 2)])).rejects.toThrow('Connection terminated unexpectedly')
  })

  it('of before says nothing to the present one', async () => {
    const sink = await scene.opened()
    await sink.commit([at(0, 1)])
    const former = connection()
    former.cut()
    const { met, go } = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(many))
    await met
    former.cut()
    go()
    await sink.commit([at(0, many + 1)])
    expect(stored()).toHaveLength(many)
    expect(connection(1).fate).toBe('open')
  })
})

describe('giving up', () => {
  it('takes back what was begun at once, with its connection', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(many))
    await met
    await sink.abort()
    expect(connection().fate).toBe('dropped')
    go()
    await sink.write('0_0', readings, rows(2))
    await sink.commit([at(0, 3)])
    expect(stored()).toEqual([1, 2])
  })

  it('what was not begun keeps the connection', async () => {
    const sink = await scene.opened()
    await sink.commit([at(0, 1)])
    await sink.write('0_0', readings, rows(2))
    await sink.abort()
    await sink.commit([at(0, 3)])
    expect([stored(), next()]).toEqual([[], [3, 0]])
    expect(scene.database.of('write')).toHaveLength(1)
  })

  it('while the connection is still being made writes nothing of it', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^connect$/)
    await sink.write('0_0', readings, rows(many))
    await met
    const aborted = sink.abort()
    // Nothing of it is under way once that is done.
    expect(await isSettled(aborted)).toBe(false)
    go()
    await aborted
    expect(scene.database.asked('write')).toEqual([])
    await sink.write('0_0', readings, rows(1))
    await sink.commit([at(0, 2)])
    expect(stored()).toEqual([1])
  })

  it('while a transaction begins ends its connection, as the next one must not go on with it', async () => {
    const sink = await scene.opened()
    const { met, go } = scene.database.hold(/^BEGIN/)
    await sink.write('0_0', readings, rows(many))
    await met
    const aborted = sink.abort()
    go()
    await aborted
    await sink.write('0_0', readings, rows(1))
    await sink.commit([at(0, 2)])
    expect(stored()).toEqual([1])
    expect(scene.database.of('write').map(({ fate }) => fate)).toEqual(['dropped', 'open'])
  })

  it('lets go who waits for room', async () => {
    const sink = await scene.opened({ bufferBytes: 1 })
    const { met } = scene.database.hold(/^BEGIN/)
    const pressed = sink.write('0_0', readings, rows(1))
    await met
    await sink.abort()
    await pressed
  })
})

describe('releasing and closing', () => {
  it('a task with rows that are not committed is a mistake, and none of them is stored', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(1))
    await sink.release(['0_1', '0_0'])
    await expect(sink.commit([at(0, 2)])).rejects.toMatchObject({ name: 'SinkError', task: '0_0', service: 'Postgres' })
  })

  it('leaves the tasks that stay as they are', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(1))
    await sink.release(['0_1'])
    await expect(sink.commit([at(0, 2)])).resolves.toBeUndefined()
    await expect(sink.write('0_1', readings, rows(1))).rejects.toThrow('task 0_1 was not opened')
  })

  it('after a failure leaves that failure to be told', async () => {
    const sink = await scene.opened()
    await sink.write('0_0', readings, rows(1))
    await scene.opened()
    await expect(sink.commit([at(0, 2)])).rejects.toThrow(FencedError)
    await sink.write('0_0', readings, rows(1)).catch(() => undefined)
    await sink.release(['0_0'])
    await expect(sink.commit([at(0, 2)])).rejects.toThrow(FencedError)
  })

  it('ends the connection, once', async () => {
    const sink = await scene.opened()
    await sink.commit([at(0, 1)])
    await sink.close()
    await sink.close()
    expect(connection().fate).toBe('ended')
  })

  it('drops what is not committed at once, with its connection', async () => {
    const sink = await scene.opened()
    const { met } = scene.database.hold(/^rows$/)
    await sink.write('0_0', readings, rows(many))
    await met
    await sink.close()
    expect(connection().fate).toBe('dropped')
    expect(stored()).toEqual([])
  })
})
