import { forgetPositions } from '../../../src/connectors/postgres/forget-positions'
import { sql } from '../../../src/connectors/postgres/sql-files'
import { UnavailableError, UnfitError } from '../../../src/errors'
import { ADatabase, type Before } from './a-database'
import { refusal } from './a-postgres'

let database: ADatabase
beforeEach(() => {
  database = new ADatabase().install()
})
afterEach(() => jest.restoreAllMocks())

/** What is said to the statement that forgets. */
function says(answer: (values: readonly unknown[]) => unknown): void {
  const before: Before = (text, _connection, values) => (text === sql('delete-positions') ? answer(values) : undefined)
  database.before = before
}
const forget = () => forgetPositions('postgres://writer:secret@db:5432/sensors', 'app', 'c1')

it('forgets the positions of an application in one transaction, and says how many they were', async () => {
  let scope: readonly unknown[] = []
  says(values => {
    scope = values
    return { rows: [], rowCount: 3 }
  })
  expect(await forget()).toBe(3)
  expect(scope).toEqual(['app', 'c1'])
  const [connection] = database.of('reset')
  expect(connection).toMatchObject({ name: 'weir app reset', fate: 'ended' })
  expect([connection?.asked[0]?.slice(0, 5), connection?.asked.at(-1)]).toEqual(['BEGIN', 'COMMIT'])
})

it('has forgotten none where nothing was ever written', async () => {
  says(() => ({ rows: [], rowCount: null }))
  expect(await forget()).toBe(0)
  says(() => {
    throw refusal('', '42P01')
  })
  expect(await forget()).toBe(0)
})

it('says what keeps it from forgetting', async () => {
  says(() => {
    throw refusal('', '42501')
  })
  await expect(forget()).rejects.toBeInstanceOf(UnfitError)
  says(() => {
    throw Object.assign(new Error('a network of that code'), { code: '42P01' })
  })
  const lost = forget()
  await expect(lost).rejects.toBeInstanceOf(UnavailableError)
  await expect(lost).rejects.toThrow('Postgres db:5432/sensors: a network of that code')
})
