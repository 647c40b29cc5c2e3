import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { defaultFile } from '../../src/cli/shared/load-topology'
import { weir } from '../ops/weir'

const first = async (...line: string[]) => {
  const { code, lines, stderr } = await weir(line)
  return [code, lines[0] ?? stderr]
}

test('a topology is meant by its name or by its file', async () => {
  expect(await first('topology', 'describe', 'sensors')).toEqual([0, 'Topology: sensors'])
  expect(await first('topology', 'describe', 'topology/sensors.ts')).toEqual([0, 'Topology: sensors'])
  expect(await first('topology', 'describe')).toEqual([0, 'Topology: sensors'])
})

test.each([
  [['topology', 'describe', 'sensor'], 'topology "sensor" does not exist; did you mean "sensors"?'],
  [['topology', 'plan', 'sensor'], 'topology "sensor" does not exist; did you mean "sensors"?'],
  [['topology', 'reset', 'sensor'], 'topology "sensor" does not exist; did you mean "sensors"?'],
  [['topology', 'describe', 'topology/none.ts'], 'file "topology/none.ts" does not exist'],
  [['topology', 'list', 'nowhere'], 'folder "nowhere" does not exist'],
])('%p is not found, in one line', async (line, reason) => {
  expect(await first(...line)).toEqual([3, `weir: ${reason}\n`])
})

test('describe draws it as text, Mermaid or SVG, and as JSON for a program', async () => {
  expect(await first('topology', 'describe', '--mermaid')).toEqual([0, 'flowchart LR'])
  expect(await first('topology', 'describe', '--svg')).toEqual([0, expect.stringMatching(/^<svg /)])
  expect((await weir(['topology', 'describe', '--svg', '--mermaid'])).code).toBe(2)
  const { stdout } = await weir(['topology', 'describe', '-o', 'json'])
  const { topology, parts } = JSON.parse(stdout)
  expect([topology, parts[0].nodes[0].reads]).toEqual(['sensors', 'sensor_data'])
})

describe('a project of somebody else', () => {
  const [here, index] = [process.cwd(), resolve(__dirname, '../../src/index')]
  let project: string
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'weir-names-'))
    process.chdir(project)
  })
  afterEach(() => {
    process.chdir(here)
    rmSync(project, { recursive: true, force: true })
  })
  const save = (file: string, name: string) =>
    writeFileSync(
      join(project, file),
      `import { text, topology } from '${index}'
export default topology('${name}', streams => streams.stream('in', { key: text, value: text }).to('out', { key: text, value: text }))
`,
    )

  test('has its topology in topology.ts, which is meant where none is named', async () => {
    save('topology.ts', 'mine')
    expect(await first('topology', 'describe')).toEqual([0, 'Topology: mine'])
    expect(await first('topology', 'describe', 'mine')).toEqual([0, 'Topology: mine'])
    save('other.ts', 'other')
    const elsewhere =
      'weir: topology "elsewhere" does not exist; there is mine; one that is not in topology.ts or topology/ is meant by its file\n'
    expect(await first('topology', 'describe', 'elsewhere')).toEqual([3, elsewhere])
    expect(await first('topology', 'describe', 'other.ts')).toEqual([0, 'Topology: other'])
    writeFileSync(
      join(project, 'asked.ts'),
      `import { count, text, topology } from '${index}'
export default topology('asked', streams => {
  streams.stream('in', { key: text, value: text }).groupByKey().aggregate({ name: 'counted', of: { count: count() } })
  streams.queries({ key: 'sensor', stores: { '10s': 'counted', total: 'counted' } })
})
`,
    )
    expect(await first('ask', 'asked.ts', '--sensor', '1', '--window', '1m')).toEqual([
      3,
      'weir: window "1m" does not exist; there is 10s, total\n',
    ])
    expect((await weir(['topology', 'list', '-o', 'ndjson'])).stdout).toContain('"file":"topology.ts"')
    expect(await first('ask', 'topology.ts', '--key', 'k')).toEqual([
      2,
      expect.stringContaining('declares no queries()'),
    ])
  })

  test('or in a folder, where the only one is meant, and of several none', () => {
    expect(defaultFile()).toBe('topology.ts')
    mkdirSync(join(project, 'topology'))
    save('topology/a.ts', 'a')
    expect(defaultFile()).toBe('topology/a.ts')
    save('topology/b.ts', 'b')
    expect(defaultFile()).toBe('topology.ts')
    save('topology.ts', 'c')
    expect(defaultFile()).toBe('topology.ts')
  })

  test('is told what there is not', async () => {
    expect(await first('topology', 'describe')).toEqual([3, 'weir: file "topology.ts" does not exist\n'])
  })
})
