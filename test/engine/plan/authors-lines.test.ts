import { resolve } from 'node:path'
import { authorsLines } from '../../../src/engine/plan/authors-lines'

const thrown = (...frames: string[]) => Object.assign(new Error('no'), { stack: ['Error: no', ...frames].join('\n') })

test('a frame is read with or without a function, as a path or an address, and in either system’s way', () => {
  expect(
    authorsLines(
      thrown(
        '    at step (/app/a.ts:1:2)',
        '    at /app/b.ts:3:4   ',
        '    at async /app/c.ts:5:6',
        '    at x (file:///app/d%20e.ts?t=1:7:8)',
        '    at y (C:\\app\\f.ts:9:10)',
      ),
    ),
  ).toEqual(['/app/a.ts:1:2', '/app/b.ts:3:4', '/app/c.ts:5:6', '/app/d e.ts:7:8', 'C:\\app\\f.ts:9:10'])
})

test('lines of packages, of weir and of Node are left out', () => {
  expect(
    authorsLines(
      thrown(
        '    at a (/app/node_modules/b/c.js:1:1)',
        `    at a (${resolve('src/names.ts')}:1:1)`,
        `    at a (file://${resolve('src/names.ts')}:1:1)`,
        '    at node:internal/process:1:1',
        '    at new Promise (<anonymous>)',
      ),
    ),
  ).toEqual([])
})

test('what has no stack names no line', () => {
  expect([undefined, 'text', Object.assign(new Error('no'), { stack: undefined })].map(authorsLines)).toEqual([
    [],
    [],
    [],
  ])
})
