import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { transformSync } from '@swc/core'
import { type Mutant, schemata } from './schemata'

export const root = resolve(__dirname, '../../..')
const folder = join(root, '.weir/mutation')

/** The engine, and every file that keeps positions or carries a commit. */
const ledgers = [
  ...['ledger-errors', 'plain-ledger', 'prove-member', 'start-offsets', 'transactional-ledger'].map(
    name => `kafka/write/${name}`,
  ),
  ...['committer-mark', 'hanging-offsets', 'prove-membership', 'stable-offsets', 'transaction-ends'].map(
    name => `kafka/group/${name}`,
  ),
  'memory/memory-sink',
  ...['forget-positions', 'positions', 'postgres-sink', 'refused-rows', 'transaction'].map(name => `postgres/${name}`),
].map(name => `src/connectors/${name}.ts`)

/** Files that mutants are made of, from the root. */
export function mutatedFiles(): string[] {
  const engine = readdirSync(join(root, 'src/engine'), { recursive: true, encoding: 'utf8' })
  return [...engine.filter(name => name.endsWith('.ts')).map(name => `src/engine/${name}`), ...ledgers].sort()
}

/** Every mutant of every file, and where the compiled files are. A mutant's number is its place in the list. */
export interface Build {
  readonly id: string
  readonly mutants: readonly Mutant[]
  /** By file, as JavaScript. */
  readonly code: Readonly<Record<string, string>>
}

/** As Jest compiles them. */
const swc = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } } as const

/** Compiles the files with their mutants, and keeps the result for the processes that run it. */
export function build(): Build {
  const mutants: Mutant[] = []
  const code: Record<string, string> = {}
  for (const file of mutatedFiles()) {
    const made = schemata(file, readFileSync(join(root, file), 'utf8'), mutants.length)
    mutants.push(...made.mutants)
    code[file] = transformSync(made.code, { ...swc, filename: file, swcrc: false }).code
  }
  const text = JSON.stringify({ mutants, code })
  const id = createHash('sha1').update(text).digest('hex')
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${join(folder, id)}.${process.pid}`, text)
  renameSync(`${join(folder, id)}.${process.pid}`, buildAt(id))
  return { id, mutants, code }
}

export const buildAt = (id: string) => join(folder, `${id}.json`)
