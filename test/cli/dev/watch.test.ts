import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onSave } from '../../../src/cli/dev/watch'
import { until } from '../../scenarios/kafka-stack'

let folder: string
let close: (() => void) | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-watch-'))
})
afterEach(() => {
  close?.()
  rmSync(folder, { recursive: true })
})

test('a file of code that is saved is told once, however often it is written; others are not', async () => {
  for (const each of ['node_modules', '.weir', 'dist', 'schemas']) mkdirSync(join(folder, each))
  const saved: string[] = []
  close = onSave(folder, file => saved.push(file))
  for (const file of ['node_modules/a.ts', '.weir/stack.json', 'dist/b.js', 'notes.md'])
    writeFileSync(join(folder, file), '1')
  for (let i = 0; i < 5; i++) writeFileSync(join(folder, 'topology.ts'), `${i}`)
  await until(() => saved.length > 0, 'the first save')
  writeFileSync(join(folder, 'schemas', 'click.avsc'), '{}')
  await until(() => saved.length > 1, 'the second save')
  expect(saved).toEqual(['topology.ts', join('schemas', 'click.avsc')])
})
