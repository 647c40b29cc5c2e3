import { table } from '../../src/cli/shared/output'
import { complete } from '../../src/cli/shell/complete'
import { parseTime } from '../../src/ops/time'
import { weir } from '../ops/weir'

test('--version', async () => {
  expect(await weir(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('the common options may stand before the verb', async () => {
  const list = (...before: string[]) => weir([...before, 'topology', 'list'])
  for (const before of [
    ['-o', 'ndjson'],
    ['--output=ndjson'],
    ['-b', 'nowhere:9092', '-o', 'ndjson', '--timeout', '1s'],
  ])
    expect(await list(...before)).toEqual(await weir(['topology', 'list', '-o', 'ndjson']))
  expect(await list('-o', 'xml')).toMatchObject({ code: 2, stdout: '' })
  expect(await list('--mermaid')).toMatchObject({ code: 2, stdout: '' })
})

test.each(['', ' , ', 'a b', 'x:99999', 'x:0', 'x:y'])('--brokers "%s" is a usage error', async brokers => {
  const { code, stdout, stderr } = await weir(['topics', 'list', '-b', brokers])
  expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2])
  expect(stderr).toContain('write host:port, several with commas')
})

test('help breaks paragraphs to the width, and leaves indented lines alone', async () => {
  const { stdout } = await weir(['consume', '--help'])
  const about = stdout.slice(0, stdout.indexOf('Arguments:')).split('\n')
  expect(about).toContain('  value.temperature > 30 && key == "7" || headers.source =~ /^py/')
  const prose = about.slice(
    4,
    about.findIndex(line => line.startsWith('  value.')),
  )
  for (const line of prose.slice(0, -1)) expect(line.length).toBeGreaterThan(60)
})

test('completion knows options before the verb, their values, and how bash splits words', async () => {
  expect(await complete(['-b', 'nowhere:9092', 'topi'])).toEqual(await complete(['topi']))
  expect(await complete(['-b', 'nowhere', ':', '9092', 'topi'])).toEqual(await complete(['topi']))
  expect(await complete(['topology', 'describe', '--timeout', '5s', 'sens'])).toEqual(['sensors'])
  expect(await complete(['groups', 'reset', 'g', '--to', '=', 'ear'])).toEqual(['earliest'])
  expect(await complete(['groups', 'reset', 'g', '--to', '='])).toEqual(['earliest', 'latest'])
})

test('what would break a table or move the cursor is shown as JSON has it', () => {
  const columns = [
    { title: 'A', value: (row: string) => row },
    { title: 'B', value: () => 1 },
  ]
  expect(table(['two\nlines', '\u001b[31mred', 'plain "ü"', '\u009b2J'], columns).split('\n')).toEqual([
    ...['A              B', 'two\\nlines     1', '\\u001b[31mred  1', 'plain "ü"      1', '\\u009b2J       1'],
  ])
})

test('a time without a zone is local, a date alone too', () => {
  expect(parseTime('2026-01-02', 0)).toBe(new Date(2026, 0, 2).getTime())
  expect(parseTime('2026-01-02T03:04', 0)).toBe(new Date(2026, 0, 2, 3, 4).getTime())
})
