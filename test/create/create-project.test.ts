import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { typesFile } from '../../src/codecs/schema-files'
import { create } from '../../src/create/create'
import { createProject } from '../../src/create/create-project'
import { versions } from '../../src/create/project-manifest'
import { templateFolder, templates } from '../../src/create/templates'
import { version } from '../../src/version'
import { weir } from '../ops/weir'

const names = Object.keys(templates)
let scratch: string
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'weir-create-'))
})
afterEach(() => rmSync(scratch, { recursive: true }))

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

describe.each(names)('the template %s', name => {
  test('has the types that its schemas give', () => {
    expect(typesFile(join(templateFolder, name, 'schemas')).isSame).toBe(true)
  })

  test('becomes a project with all that it names, and nothing left to be filled in', () => {
    const folder = join(scratch, 'my-app')
    expect(createProject({ folder, template: name })).toMatchObject({ name: 'my-app', kept: [] })
    const own = [
      'topology.ts',
      'topology.test.ts',
      'feed.ts',
      'schemas/types.ts',
      'README.md',
      'Dockerfile',
      '.gitignore',
    ]
    for (const file of own) expect([file, existsSync(join(folder, file))]).toEqual([file, true])
    const open = filesBelow(folder).filter(file => /\{(name|about|sources)\}/.test(readFileSync(file, 'utf8')))
    expect(open).toEqual([])
    const topology = readFileSync(join(folder, 'topology.ts'), 'utf8')
    const { services } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true })
    for (const source of templates[name]?.sources ?? []) {
      expect(topology).toContain(`'${source}'`)
      expect(services.setup.command.join(' ')).toContain(source)
    }
    expect(Object.keys(services)).toEqual(['kafka', 'postgres', 'registry', 'mqtt', 'setup', 'topology'])
    expect(manifestOf(folder).scripts.dev).toBe('weir dev topology.ts --feed feed.ts')
  })
})

test('packages have the versions that weir is tested with', () => {
  const { dependencies, devDependencies } = manifestOf(resolve('.'))
  const tested = { ...dependencies, ...devDependencies }
  for (const [name, version] of Object.entries(versions)) expect([name, version]).toEqual([name, `^${tested[name]}`])
})

test('containers are those of this repository', () => {
  const imagesOf = (file: string) => {
    const { services } = parse(readFileSync(file, 'utf8'), { merge: true })
    return ['kafka', 'postgres', 'registry', 'mqtt'].map(name => services[name].image)
  }
  expect(imagesOf(join(templateFolder, 'common/compose.yaml'))).toEqual(imagesOf(resolve('docker-compose.yml')))
})

test('what a project has already stays as it is, and is told of', () => {
  const former = { name: 'shop', scripts: { test: 'jest' }, dependencies: { rxjs: '7.8.1' } }
  writeFileSync(join(scratch, 'package.json'), JSON.stringify(former))
  writeFileSync(join(scratch, 'tsconfig.json'), '{}')
  expect(createProject({ folder: scratch, template: 'clicks' }).kept).toEqual(['tsconfig.json'])
  const { name, scripts, dependencies, type } = manifestOf(scratch)
  // A project without a type is of CommonJS: with one, its own modules could no longer be loaded.
  expect([name, scripts.test, dependencies.rxjs, type]).toEqual(['shop', 'jest', '7.8.1', undefined])
  expect(scripts.dev).toBe('weir dev topology.ts --feed feed.ts')
  expect(readFileSync(join(scratch, 'tsconfig.json'), 'utf8')).toBe('{}')
})

test('a topology that is there already is never written over: nothing is', () => {
  writeFileSync(join(scratch, 'topology.ts'), '// mine')
  const again = () => createProject({ folder: scratch, template: 'clicks' })
  expect(again).toThrow(`${scratch} has topology.ts already: name another folder, nothing was written`)
  expect(readdirSync(scratch)).toEqual(['topology.ts'])
})

test.each([
  [['a', '--template', 'click'], 'there is no template "click": did you mean clicks?'],
  [['a', 'b'], 'name one folder: npm create weir my-app'],
  [[], 'name one folder: npm create weir my-app'],
  [['my app'], '"my app" can\'t be a package\'s name: take a to z, digits, - and _'],
  [['a', '--templat', 'x'], 'npm create weir -- --help'],
])('%j is refused in a sentence', (line, says) => {
  expect(() => create(line, () => {})).toThrow(says)
})

test('says what to type next', () => {
  const said: string[] = []
  const folder = join(scratch, 'my-app')
  expect(create([folder, '--no-install', '--template', 'rides'], text => said.push(text))).toBe(0)
  expect(said.join('')).toMatch(/ {2}cd \S+my-app\n {2}npm install\n {2}npm run dev\n/)
})

test('tarballs of a folder stand for the packages of the registry', () => {
  const [folder, tarballs] = [join(scratch, 'my-app'), join(scratch, 'tarballs')]
  mkdirSync(tarballs)
  for (const name of ['weir-streams', 'weir-stack']) writeFileSync(join(tarballs, `${name}-${version}.tgz`), '')
  const create = () => createProject({ folder, template: 'clicks', tarballs })
  expect(create).toThrow(`${tarballs} has no weir-dashboard-${version}.tgz, which \`npm run pack\` makes`)
  expect(existsSync(folder)).toBe(false)
  writeFileSync(join(tarballs, `weir-dashboard-${version}.tgz`), '')
  create()
  const { dependencies, devDependencies } = manifestOf(folder)
  expect(dependencies['weir-streams']).toBe(`file:${tarballs}/weir-streams-${version}.tgz`)
  expect(devDependencies['weir-stack']).toBe(`file:${tarballs}/weir-stack-${version}.tgz`)
})

/** A PATH on which npm says what the real one does of a package that its registry doesn't have. */
function withoutPackage(name: string): string {
  const folder = join(scratch, 'bin')
  mkdirSync(folder)
  const said = `npm error code E404\nnpm error 404 Not Found - GET https://registry.example/${name}`
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\nprintf '${said}\\n' >&2\nexit 1\n`, { mode: 0o755 })
  return `${folder}:${process.env.PATH}`
}

test('where the packages are not published nothing is left behind, and the way is told in a sentence', () => {
  const project = join(scratch, 'shop')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"name":"shop"}')
  const env = { ...process.env, PATH: withoutPackage('weir-dashboard'), npm_config_user_agent: '' }
  const init = () =>
    spawnSync(process.execPath, [resolve('bin/weir.mjs'), 'init'], { cwd: project, encoding: 'utf8', env })
  for (let time = 0; time < 2; time++) {
    const { status, stderr } = init()
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^weir: weir's packages aren't published .*--packages FOLDER; what was written is taken back\n$/,
      ),
    ])
    expect(readdirSync(project)).toEqual(['package.json'])
    expect(readFileSync(join(project, 'package.json'), 'utf8')).toBe('{"name":"shop"}')
  }
})

describe('`weir init` where create-weir is not installed', () => {
  const before = { argv: process.argv, path: process.env.PATH, exitCode: process.exitCode }
  afterEach(() => {
    process.argv = before.argv
    process.env.PATH = before.path
    process.exitCode = before.exitCode
    jest.restoreAllMocks()
  })
  function init(...line: string[]): readonly [code: unknown, stderr: string] {
    process.argv = ['node', 'weir', ...line]
    const said: string[] = []
    jest.spyOn(process.stderr, 'write').mockImplementation(text => said.push(String(text)) > 0)
    jest.isolateModules(() => {
      jest.doMock('../../src/cli/shared/own-packages', () => ({ projectCreator: () => undefined }))
      require('../../src/cli/programs/init')
    })
    return [process.exitCode, said.join('')]
  }

  test.each([[[]], [['--template', 'rides']], [['--help']]])('%j: one sentence says what to do', line => {
    process.env.PATH = withoutPackage('create-weir')
    expect(init(...line)).toEqual([
      3,
      expect.stringMatching(/^weir: npm has no create-weir .* aren't published: .*: weir init --packages FOLDER\n$/),
    ])
  })

  test.each([[['--packages', '/wrong']], [['--packages=/wrong']]])('%j: the folder is told', line => {
    expect(init(...line)).toEqual([
      3,
      expect.stringMatching(/^weir: \/wrong has no create-weir-.*: nothing was written\n$/),
    ])
  })
})

test('`weir init` adds a project to the folder that it is typed in, once', () => {
  writeFileSync(join(scratch, 'package.json'), '{"name":"shop","scripts":{"test":"jest"}}')
  const init = (...line: string[]) =>
    spawnSync(process.execPath, [resolve('bin/weir.mjs'), 'init', ...line], { cwd: scratch, encoding: 'utf8' })
  const made = init('--template', 'rides', '--no-install')
  expect(made.status).toBe(0)
  expect(made.stdout).toMatch(/ is made from the template rides .*\n\n {2}npm install\n {2}npm run dev\n/)
  expect(manifestOf(scratch).scripts).toMatchObject({ test: 'jest', dev: 'weir dev topology.ts --feed feed.ts' })
  expect(readdirSync(scratch)).toEqual(expect.arrayContaining(['topology.ts', 'feed.ts', 'schemas', 'compose.yaml']))
  const before = filesBelow(scratch).map(file => readFileSync(file, 'utf8'))
  const again = init('--no-install')
  expect(again.stderr).toMatch(/^weir: \. has .*topology\.ts.* already: name another folder, nothing was written\n$/)
  expect(again.status).toBe(2)
  expect(filesBelow(scratch).map(file => readFileSync(file, 'utf8'))).toEqual(before)
})

test('`weir help` knows init and dev', async () => {
  const { stdout } = await weir(['help'])
  expect(stdout).toMatch(/weir init .*\n {2}weir dev /)
})
