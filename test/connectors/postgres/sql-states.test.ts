import { DatabaseError } from 'pg'
import { postgresError } from '../../../src/connectors/postgres/postgres-errors'
import { stateOf } from '../../../src/connectors/postgres/sql-states'
import { ContentError, FencedError, UnavailableError, UnfitError } from '../../../src/errors'

const blame = (code: string, more: object = {}) => stateOf({ code, ...more }).blame

it.each(['08006', '08P01', '25P03', '26000', '40001', '40P01', '53100', '53300', '55P03', '57014', '57P01', '58030'])(
  '%s passes: the rows wait',
  code => expect(blame(code)).toBe('outage'),
)

it.each(['22003', '22021', '22P05', '23502', '23505', '23514', '40002', '44000', '54000', 'P0001', '38000', '21000'])(
  '%s is about the rows',
  code => expect(blame(code)).toBe('content'),
)

it.each(['42P01', '42703', '42804', '42P10', '42501', '0A000', '28P01', '3D000', '3F000', '428C9', '22P03', '54011'])(
  '%s has to be mended by somebody',
  code => expect(blame(code)).toBe('unfit'),
)

it('takes what it has never heard of for an outage: nothing is lost', () => {
  expect(blame('ZZ999')).toBe('outage')
  expect(blame('ECONNREFUSED')).toBe('outage')
  expect(stateOf({}).blame).toBe('outage')
})

it('tells row-level security from a missing right, and a missing partition from a constraint', () => {
  expect(blame('42501', { routine: 'ExecWithCheckOptions' })).toBe('content')
  expect(blame('42501', { routine: 'aclcheck_error' })).toBe('unfit')
  expect(blame('23514', { routine: 'ExecFindPartition' })).toBe('unfit')
  expect(blame('23514', { routine: 'ExecConstraints', constraint: 'cold' })).toBe('content')
})

describe('an error', () => {
  const url = 'postgres://writer:secret@db:5432/sensors'
  const refusal = (fields: Partial<DatabaseError>) =>
    Object.assign(new DatabaseError(fields.message ?? 'refused', 0, 'error'), fields)

  it("says the server's own words and all that it names, and no password", () => {
    const mapped = postgresError(
      refusal({
        message: 'new row for relation "r" violates check constraint "cold"',
        code: '23514',
        detail: 'Failing row contains (1).',
        schema: 'public',
        table: 'r',
        constraint: 'cold',
        where: 'COPY r, line 1',
      }),
      url,
    )
    expect(mapped).toBeInstanceOf(ContentError)
    expect(mapped.message).toBe(
      'Postgres db:5432/sensors: new row for relation "r" violates check constraint "cold": Failing row contains (1). ' +
        '(schema public, table r, constraint cold, SQLSTATE 23514)',
    )
  })

  it('names the function of a trigger', () => {
    const where = 'PL/pgSQL function refuse() line 3 at RAISE\nCOPY r, line 7'
    expect(postgresError(refusal({ message: 'too hot', code: 'P0001', where }), url).message).toBe(
      'Postgres db:5432/sensors: too hot: in PL/pgSQL function refuse() line 3 at RAISE (SQLSTATE P0001)',
    )
  })

  it('says what to do where the server does not', () => {
    const full = postgresError(refusal({ message: 'could not extend file', code: '53100' }), url)
    expect(full).toBeInstanceOf(UnavailableError)
    expect(full.message).toContain("the server's disk is full")
    const denied = postgresError(refusal({ message: 'permission denied for table r', code: '42501' }), url)
    expect(denied).toBeInstanceOf(UnfitError)
    expect(denied.message).toContain('permission denied for table r (SQLSTATE 42501); grant the right to role "writer"')
    const missing = postgresError(refusal({ message: 'relation "r" does not exist', code: '42P01' }), url)
    expect(missing.message).toContain('`weir migrate`')
  })

  it('of the engine stays what it is', () => {
    const fenced = new FencedError('another')
    expect(postgresError(fenced, url)).toBe(fenced)
  })

  it('of the connection is an outage', () => {
    const lost = postgresError(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), url)
    expect(lost).toBeInstanceOf(UnavailableError)
    expect(lost).not.toBeInstanceOf(UnfitError)
  })
})
