import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { projectManifest } from '../../src/create/project-manifest'
import { templateFolder, templates } from '../../src/create/templates'
import { required } from '../../src/required'

const root = resolve(__dirname, '../..')

/** The instructions of a Dockerfile, continued lines joined. */
const instructions = (text: string) =>
  text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter(line => /^[A-Z]+ /.test(line))
    .map(line => {
      const blank = line.indexOf(' ')
      return { name: line.slice(0, blank), rest: line.slice(blank + 1).trim() }
    })

const found = instructions(readFileSync(join(root, 'Dockerfile'), 'utf8'))
const of = (wanted: string) => found.flatMap(({ name, rest }) => (name === wanted ? [rest] : []))

test('the image stands on one that is named by its digest, of the Node that the tests run on', () => {
  expect(of('FROM')).toHaveLength(1)
  const [, major, digest] = /^node:(\d+)\.\d+\.\d+-[\w-]+@sha256:([0-9a-f]{64})$/.exec(of('FROM')[0] ?? '') ?? []
  expect(digest).toBeDefined()
  expect(major).toBe(process.versions.node.split('.')[0])
})

test('nothing stands between the signals and a worker: neither npm nor a shell', () => {
  const commands = [root, templateFolder].flatMap(folder => {
    const file = join(folder, folder === root ? 'Dockerfile' : 'common/Dockerfile')
    return instructions(readFileSync(file, 'utf8')).filter(({ name }) => name === 'CMD')
  })
  expect(commands.map(({ rest }) => JSON.parse(rest)[0])).toEqual(['node', 'node_modules/.bin/weir'])
  const { scripts } = projectManifest('shop', required(templates.clicks, 'a template'), {})
  expect(scripts?.start).toMatch(/^exec weir run /)
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start).toMatch(/^exec node /)
})

test('it runs without rights', () => {
  expect(of('USER')).toEqual(['node'])
  const at = (wanted: string) => found.findIndex(({ name }) => name === wanted)
  expect(at('USER')).toBeLessThan(at('CMD'))
  expect(at('ENTRYPOINT')).toBe(-1)
  // Nothing is fetched but by npm, whose lock file has a checksum for each package.
  expect(of('ADD')).toEqual([])
  expect(of('RUN').join('\n')).not.toMatch(/\b(curl|wget|apt-get)\b/)
})
