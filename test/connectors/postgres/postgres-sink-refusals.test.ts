import { reading } from '../../../schemas/types'
import { postgres } from '../../../src/connectors/postgres/postgres-end'
import type { Sink } from '../../../src/connectors/sink'
import { ContentError, type SinkError } from '../../../src/errors'
import { refusal } from './a-postgres'
import { at, newest, ownTimers, readings, rowsOf, Scene, task } from './a-sink'

const scene = new Scene()
beforeEach(() => scene.begin())
afterEach(() => scene.end())

const errorOf = (call: Promise<unknown>): Promise<ContentError> =>
  call.then(
    () => Promise.reject(new Error('nothing was refused')),
    (error: ContentError) => error,
  )
const offsets = ({ position, others }: ContentError) =>
  [position, ...others.map(other => other.position)].map(each => each?.offset)

async function written(ids: readonly number[], target = readings): Promise<Sink> {
  const sink = await scene.opened()
  await sink.write('0_0', target, rowsOf(ids, target))
  return sink
}

describe('rows that the server refuses', () => {
  it('are all named, each with its record and in the words of the server', async () => {
    const sink = await written([1, -2, 3, 4, -5])
    const error = await errorOf(sink.commit([at(0, 6)]))
    expect(error).toBeInstanceOf(ContentError)
    expect(error).toMatchObject({ service: 'Postgres', position: { topic: 'in', partition: 0, offset: 2 } })
    expect(error.message).toContain('Postgres db:5432/sensors: out of range')
    expect(error.cause).toMatchObject({ code: '22003' })
    expect(error.others).toMatchObject([{ service: 'Postgres', position: { topic: 'in', partition: 0, offset: 5 } }])
    expect(error.others[0]?.message).toContain('out of range')
  })

  it('are searched for on another connection, whose work is rolled back before it goes', async () => {
    const sink = await written([1, -2])
    await errorOf(sink.commit([at(0, 3)]))
    const [search] = scene.database.of('search')
    expect(search).toMatchObject({ name: 'weir app search', fate: 'dropped' })
    expect(scene.database.asked('search').at(-1)).toBe('ROLLBACK')
    expect(search?.asked[0]).toContain('statement_timeout = 5000; SET LOCAL lock_timeout = 2000')
    expect(search?.asked[0]?.match(/LOCK TABLE/g)).toHaveLength(1)
    expect(scene.database.ids('readings')).toEqual([])
  })

  it('are searched for in all tables of the transaction, each locked once', async () => {
    const sink = await written([1, -2, 3])
    await sink.write('0_1', newest, rowsOf([4, -6], newest, 1))
    await sink.write('0_0', readings, rowsOf([8]))
    const error = await errorOf(sink.commit([at(0, 9), at(1, 7)]))
    expect(offsets(error)).toEqual([2, 6])
    expect(error.others[0]?.position?.partition).toBe(1)
    expect(scene.database.of('search')[0]?.asked[0]).toContain('LOCK TABLE ONLY "readings", ONLY "newest" IN')
  })

  it('are named by the topic that their records came from, where a task writes those of two', async () => {
    for (const target of [readings, newest]) {
      const sink = scene.create()
      await sink.open([task(0), task(0, { topic: 'beside', topicId: 'id2' })])
      await sink.write('0_0', target, rowsOf([1, -2], target))
      await sink.write('0_0', target, rowsOf([3, -4], target, 0, 'beside'))
      const error = await errorOf(sink.commit([at(0, 3), at(0, 5, 'beside')]))
      expect([error.position, ...error.others.map(other => other.position)]).toEqual([
        { topic: 'in', partition: 0, offset: 2 },
        { topic: 'beside', partition: 0, offset: 4 },
      ])
    }
  })

  it('are as the server has named the one, where no search can be made', async () => {
    const sink = await written([1, -2, 3, -4])
    scene.database.before = (text, { name }) => {
      if (text === 'connect' && name.endsWith('search')) throw new Error('too many clients')
    }
    const error = await errorOf(sink.commit([at(0, 5)]))
    expect(error).toBeInstanceOf(ContentError)
    expect(offsets(error)).toEqual([2])
  })

  it('are as the server has named the one, where the search is not done in time', async () => {
    ownTimers()
    const sink = await written([1, -2, 3, -4])
    const { met } = scene.database.hold(/^SAVEPOINT/)
    const failed = errorOf(sink.commit([at(0, 5)]))
    const search = await met
    await jest.advanceTimersByTimeAsync(6_999)
    expect(search.fate).toBe('open')
    await jest.advanceTimersByTimeAsync(1)
    expect(search.fate).toBe('dropped')
    expect(offsets(await failed)).toEqual([2])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('are as the server has named the one, where they are taken the second time', async () => {
    const sink = await written([1, 2, 3])
    scene.database.before = (text, { name }) => {
      if (text === 'end' && name.endsWith('write')) throw refusal('COPY readings, line 2, column temperature')
    }
    expect(offsets(await errorOf(sink.commit([at(0, 4)])))).toEqual([2])
  })

  it('have no record where they do not say it', async () => {
    const bare = postgres({ table: 'bare', schema: reading, mode: 'append', origin: false })
    const sink = await written([1, 2], bare)
    scene.database.before = text => {
      if (text === 'end') throw refusal('COPY bare, line 2, column temperature')
    }
    const error = await errorOf(sink.commit([at(0, 3)]))
    expect(error).toBeInstanceOf(ContentError)
    expect([error.position, error.others]).toEqual([undefined, []])
  })

  it('are not searched for where it is not the fault of rows', async () => {
    const sink = await written([1])
    scene.database.before = text => {
      if (text === 'end') throw refusal('', '53100')
    }
    const error: unknown = await errorOf(sink.commit([at(0, 2)]))
    expect((error as SinkError).message).toContain('disk is full')
    expect(scene.database.of('search')).toEqual([])
  })
})
