import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

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

test('it runs without rights', () => {
  expect(of('USER')).toEqual(['node'])
  const at = (wanted: string) => found.findIndex(({ name }) => name === wanted)
  expect(at('USER')).toBeLessThan(at('CMD'))
  expect(at('ENTRYPOINT')).toBe(-1)
  // Nothing is fetched but by npm, whose lock file has a checksum for each package.
  expect(of('ADD')).toEqual([])
  expect(of('RUN').join('\n')).not.toMatch(/\b(curl|wget|apt-get)\b/)
})
