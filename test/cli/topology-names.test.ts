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
  [['topology', 'describe', 'topology/none.ts'], 'topology file "topology/none.ts" does not exist'],
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
