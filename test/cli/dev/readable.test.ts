import { resolve } from 'node:path'
import { clock, readable } from '../../../src/cli/dev/readable'
import { authorsPlace } from '../../../src/cli/shared/authors-place'
import { authorsLines } from '../../../src/engine/plan/authors-lines'

const line = (fields: object) => JSON.stringify({ level: 30, time: 1_700_000_000_000, pid: 1, name: 'weir', ...fields })
const at = clock(1_700_000_000_000)

describe('a line of the log, as people read it', () => {
  test('is the time, the message and its fields', () => {
    const read = readable(line({ msg: 'joined', generation: 3, tasks: ['0_0'] }))
    expect(read).toBe(`${at}  joined  generation=3  tasks=["0_0"]`)
  })

  test('says what is more than a notice', () => {
    expect(readable(line({ level: 40, msg: 'Kafka does not answer' }))).toBe(`${at}  warning  Kafka does not answer`)
    expect(readable(line({ level: 50, msg: 'gave up' }), true)).toContain('\u001b[31merror\u001b[0m')
  })

  test('has the line of the author below a fault', () => {
    const read = readable(line({ level: 40, msg: 'step map is left out', at: `${process.cwd()}/topology.ts:12:6` }))
    expect(read).toBe(`${at}  warning  step map is left out\n          at topology.ts:12:6`)
  })

  test.each(['Server listening', '{"a":1}', '{broken', ''])('%j is none, and stays as it is', text => {
    expect(readable(text)).toBe(text)
  })
})

describe("where in the author's code an error arose", () => {
  const thrown = (...frames: string[]) =>
    Object.assign(new Error('no'), { stack: ['Error: no', ...frames.map(frame => `    at ${frame}`)].join('\n') })

  test('is the innermost line of theirs: no package, not weir, not Node', () => {
    const error = thrown(
      'Object.step (/app/node_modules/rxjs/dist/a.js:1:1)',
      'node:internal/process:1:1',
      `next (${resolve('src/operators/map.ts')}:1:1)`,
      'async file:///app/src/topology.ts?tsx=1:12:6',
      'Object.<anonymous> (/app/main.ts:1:1)',
    )
    expect(authorsPlace(error, '/app')).toBe('src/topology.ts:12:6')
    expect(authorsLines(error)).toEqual(['/app/src/topology.ts:12:6', '/app/main.ts:1:1'])
  })

  test.each([
    undefined,
    'no error',
    thrown(),
    thrown('x (/elsewhere/a.ts:1:1)'),
    thrown('x (/app/node_modules/a/b.js:1:1)'),
  ])('of %p is unknown', given => {
    expect(authorsPlace(given, '/app')).toBeUndefined()
  })
})
