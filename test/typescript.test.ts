import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { transformSync } from 'esbuild'

const root = resolve(__dirname, '..')
let project: string

/** A project with the same loader and nothing compiled yet. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'weir-typescript-'))
  cpSync(join(root, 'bin/typescript.cjs'), join(project, 'bin/typescript.cjs'))
  mkdirSync(join(project, 'node_modules'))
  for (const name of ['esbuild', '@esbuild'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
})

afterEach(() => rmSync(project, { recursive: true }))

function write(file: string, ...lines: string[]): string {
  const path = join(project, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, lines.join('\n'))
  return path
}

/** What a process of its own group prints that loads a file, and whether it left another one behind. */
async function run(
  file: string,
  loader = ['-r', join(project, 'bin/typescript.cjs')],
): Promise<{ code: number | null; output: string; left: boolean }> {
  const child = spawn(process.execPath, [...loader, file], { detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  const code = await new Promise<number | null>(done => child.once('close', done))
  try {
    return { code, output, left: process.kill(-child.pid!, 0) }
  } catch {
    return { code, output, left: false }
  }
}

const kept = (ending: string) =>
  readdirSync(join(project, 'node_modules/.cache/weir')).filter(name => name.endsWith(ending))
const keptFiles = () => kept('.js')

test('compiles what lies beside a file with it, once, and leaves no process behind', async () => {
  write('src/deep/three.ts', 'export const three: number = 3')
  write('src/unused.ts', 'export const unused: string[] = []')
  const main = write('src/main.ts', "import { three } from './deep/three'", 'console.log(three as number)')
  expect(await run(main)).toEqual({ code: 0, output: '3\n', left: false })
  const first = keptFiles()
  expect(first).toHaveLength(3)
  expect(await run(main)).toEqual({ code: 0, output: '3\n', left: false })
  expect(keptFiles()).toEqual(first)
  write('src/deep/three.ts', 'export const three: number = 3 + 1')
  expect((await run(main)).output).toBe('4\n')
  expect(keptFiles()).toHaveLength(4)
})

test('a file at fault is named where it is loaded, and keeps no other one from running', async () => {
  const broken = write('src/broken.ts', 'const a: = 3')
  const main = write('src/main.ts', "import { two } from './two'", 'console.log(two)')
  write('src/two.ts', 'export const two: number = 2')
  expect(await run(main)).toMatchObject({ code: 0, output: '2\n' })
  expect(await run(broken)).toMatchObject({
    code: 1,
    output: expect.stringMatching(/broken\.ts:1:9: .*Unexpected "="/),
  })
})

test('a fault at run time is told by its line in the TypeScript, inside and outside the project', async () => {
  const lines = [
    'interface A {',
    '  a: number',
    '}',
    'const f = (a: A) => {',
    "  throw new Error('here')",
    '}',
    'f({ a: 1 })',
  ]
  const outside = mkdtempSync(join(tmpdir(), 'weir-outside-'))
  try {
    const elsewhere = join(outside, 'main.ts')
    writeFileSync(elsewhere, lines.join('\n'))
    for (const file of [write('src/main.ts', ...lines), elsewhere])
      expect((await run(file)).output).toContain(`at f (${file}:5:9)`)
  } finally {
    rmSync(outside, { recursive: true })
  }
})

test('a stack trace goes through code of no file', async () => {
  const main = write(
    'src/main.ts',
    'const make = new Function("f", "return f()")',
    "const stack: string = make(() => [1].map(() => new Error('here').stack)[0])",
    'console.log(stack)',
  )
  expect((await run(main)).output).toMatch(/^Error: here\n.*main\.ts:2:.*Array\.map.*<anonymous>/s)
})

describe("an entry whose modules' code is kept", () => {
  const lines = ["import { deep } from './deep'", 'console.log(deep(1))']
  let main: string
  beforeEach(() => {
    cpSync(join(root, 'bin/code-cache.cjs'), join(project, 'bin/code-cache.cjs'))
    write('src/main.ts', ...lines)
    main = write(
      'bin/main.cjs',
      "require('./code-cache.cjs').useCodeCache('main')",
      "require('../src/main.ts')",
      "require('node:v8').setFlagsFromString('--no-allocation-site-pretenuring')",
    )
  })
  const deep = (body: string) =>
    write('src/deep.ts', 'interface N {}', `export const deep = (n: number): N => {${body}}`)
  const stamp = () => statSync(join(project, 'node_modules/.cache/weir', kept('.bin')[0]!)).mtimeMs

  test('runs as before, and is kept anew where something has changed', async () => {
    deep('return n + 1')
    expect(await run(main)).toEqual({ code: 0, output: '2\n', left: false })
    expect(kept('.bin')).toHaveLength(1)
    const first = stamp()
    expect((await run(main)).output).toBe('2\n')
    // V8 has taken all of it.
    expect(stamp()).toBe(first)
    deep('return n + 2')
    expect((await run(main)).output).toBe('3\n')
    expect(stamp()).toBeGreaterThan(first)
  })

  test('whatever lies where it is kept', async () => {
    deep('return n + 1')
    await run(main)
    const place = join(project, 'node_modules/.cache/weir', kept('.bin')[0]!)
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(3),
      Buffer.alloc(5_000, 0xff),
      readFileSync(place).fill(0x5a, 1_000),
    ]) {
      writeFileSync(place, bytes)
      expect(await run(main)).toMatchObject({ code: 0, output: '2\n' })
    }
  })

  test('and finds what has moved since', async () => {
    deep('return n + 1')
    write('node_modules/.package-lock.json', '{}')
    write('node_modules/far/package.json', '{ "main": "a.js" }')
    write('node_modules/far/a.js', 'exports.far = 1')
    write('node_modules/far/bb.js', 'exports.far = 22')
    write('src/main.ts', ...lines, "import { far } from 'far'", 'console.log(far)')
    for (let i = 0; i < 2; i++) expect((await run(main)).output).toBe('2\n1\n')
    rmSync(join(project, 'src/deep.ts'))
    write('src/deep/index.ts', 'export const deep = (n: number) => n + 5')
    expect((await run(main)).output).toBe('6\n1\n')
    // Another version, whose files lie elsewhere; the former ones are still there.
    write('node_modules/far/package.json', '{ "main": "bb.js" }')
    write('node_modules/.package-lock.json', '{ "far": 2 }')
    expect((await run(main)).output).toBe('6\n22\n')
  })

  test('after another loader has come, too', async () => {
    deep('return n + 1')
    write(
      'bin/loader.cjs',
      [
        "const { _extensions: by } = require('node:module')",
        "const { readFileSync } = require('node:fs')",
        "by['.js'] = (module, file) => module._compile(readFileSync(file, 'utf8'), file)",
      ].join('\n'),
    )
    write('node_modules/far/index.js', 'exports.far = 1')
    write('src/main.ts', "import '../bin/loader.cjs'", "import { far } from 'far'", 'console.log(far)')
    expect((await run(main)).output).toBe('1\n')
    const first = stamp()
    expect((await run(main)).output).toBe('1\n')
    expect(stamp()).toBe(first)
    write('node_modules/far/index.js', 'exports.far = 2')
    expect((await run(main)).output).toBe('2\n')
  })

  test('imports at its second start, too', async () => {
    write('src/main.ts', "import('node:os').then(({ EOL }) => console.log(JSON.stringify(EOL)))")
    for (let i = 0; i < 2; i++) expect(await run(main)).toMatchObject({ code: 0, output: '"\\n"\n' })
  })

  test('tells of a fault by its line', async () => {
    const file = deep("\n  throw new Error('here')\n")
    for (let i = 0; i < 2; i++) expect((await run(main)).output).toContain(`${file}:3:9)`)
    write('src/deep.ts', 'export const deep = (n: number) => {')
    // Told as it is seen from the folder of the start.
    expect((await run(main)).output).toContain(`${basename(project)}/src/deep.ts:1:36`)
  })
})

test("a package's own code is kept beside the project's packages, and its faults are told by their lines", async () => {
  const at = (file: string) => `node_modules/weir-streams/${file}`
  mkdirSync(join(project, at('bin')), { recursive: true })
  cpSync(join(root, 'bin/code-cache.cjs'), join(project, at('bin/code-cache.cjs')))
  const { code, map } = transformSync("interface A {}\nexport const f = (): A => {\n  throw new Error('here')\n}", {
    ...{ loader: 'ts', format: 'cjs', minify: true, sourcemap: 'external', sourcefile: 'mapped.ts' },
  })
  write(at('dist/mapped.js'), code, '//# sourceMappingURL=mapped.js.map')
  write(at('dist/mapped.js.map'), map)
  write(at('dist/plain.js'), "exports.run = () => require('./mapped').f()")
  const main = write(
    at('bin/main.js'),
    'process.setSourceMapsEnabled(true)',
    "require('./code-cache.cjs').useCodeCache('main')",
    "require('node:v8').setFlagsFromString('--no-allocation-site-pretenuring')",
    "require('../dist/plain').run()",
  )
  for (let i = 0; i < 2; i++) expect((await run(main, [])).output).toContain('mapped.ts:3:9')
  expect(kept('.bin')).toHaveLength(1)
})
