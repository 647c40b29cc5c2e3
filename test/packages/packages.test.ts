import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { apiReport, reportOf } from '../../packages/api-report'
import { build, codeFolder, plans, root } from '../../packages/build'
import { loadedAtOnce } from '../../packages/module-graph'
import { tarball } from '../../packages/tarball'

const names = Object.keys(plans)
const folders = new Map<string, string>()
const tarballs = new Map<string, string>()

beforeAll(async () => {
  for (const folder of await build()) folders.set(folder.split('/').pop()!, folder)
  for (const [name, folder] of folders) tarballs.set(name, await tarball(folder))
}, 600_000)

const run = (program: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], { encoding: 'utf8' })

describe.each(names)('%s', name => {
  test('has nothing that publint warns of', () => {
    const { status, stdout, stderr } = run('publint/src/cli.js', folders.get(name)!, '--strict', '--pack', 'false')
    expect({ status, said: `${stdout}${stderr}` }).toMatchObject({ status: 0, said: expect.stringMatching('All good') })
  })

  test('has types that are right for every way of importing it', () => {
    const { doors } = plans[name]!
    const entrypoints = doors.length === 1 ? ['.'] : doors.map(door => (door === 'index' ? '.' : door.split('/')[0]!))
    const args = [tarballs.get(name)!, '--format', 'ascii', '--entrypoints', ...entrypoints]
    const { status, stdout } = run('@arethetypeswrong/cli/dist/index.js', ...args)
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching('No problems found') })
  })

  test('exports what its report says; `npm run api` writes it anew where a change is meant', () => {
    expect(readFileSync(reportOf(name), 'utf8')).toBe(apiReport(name))
  })

  test('has what its manifest names, and no install script', () => {
    const manifest = JSON.parse(readFileSync(join(folders.get(name)!, 'package.json'), 'utf8'))
    const named = [
      ...JSON.stringify([manifest.exports, manifest.bin, manifest.main, manifest.types]).matchAll(
        /"(\.?\/?(?:dist|bin)\/[^"]+)"/g,
      ),
    ]
    expect(named.length).toBeGreaterThan(2)
    for (const [, file = ''] of named.filter(([, each]) => !each?.includes('*')))
      expect([file, existsSync(join(folders.get(name)!, file))]).toEqual([file, true])
    expect(manifest.scripts).toBeUndefined()
  })
})

test('weir-streams is at most 400 kB to download, and knows no server of web pages', () => {
  expect(statSync(tarballs.get('weir-streams')!).size).toBeLessThanOrEqual(400_000)
  const { dependencies } = JSON.parse(readFileSync(join(folders.get('weir-streams')!, 'package.json'), 'utf8'))
  expect(Object.keys(dependencies)).not.toContain('fastify')
})

describe('what only some need is loaded when it is used', () => {
  const below = (folder: string): string[] =>
    readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .map(file => join(folder, file.replace(/ts$/, 'js')))
  const { doors, programs } = plans['weir-streams']!
  const programsOfCommand = ['topology', 'dev', 'stack', 'init'].map(name => `cli/programs/${name}.js`)
  const entries = [...[...doors, ...programs].map(each => `${each}.js`), ...programsOfCommand, ...below('cli/verbs')]
  const later = [...entries, 'app/start-here.js', 'app/preflight/preflight.js']

  test.each(later)('%s', entry => {
    const { peerDependenciesMeta } = JSON.parse(readFileSync(join(root, 'packages/weir-streams/package.json'), 'utf8'))
    const loaded = [...loadedAtOnce(codeFolder, entry)].filter(([name]) => name in peerDependenciesMeta)
    expect(loaded).toEqual([])
  })

  test('what needs the client of MQTT has it at once', () => {
    expect(loadedAtOnce(codeFolder, 'connectors/mqtt/mqtt-sink.js').has('mqtt')).toBe(true)
  })
})
