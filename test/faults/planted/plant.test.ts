import { allKinds } from '../real/kinds/kinds'
import { CellBook } from '../real/kinds/protocol'
import { bugs } from './bugs'
import { withBug } from './plant'

test.each(bugs)('the text that $name replaces is in $file once', ({ file, from, to }) => {
  expect(withBug(file, from, to)).not.toBe(withBug(file, from, from))
})

const inConnectors = /^src\/connectors\/(postgres|mqtt)\//
const kinds = allKinds(new CellBook()).map(({ id }) => id)

test.each(bugs)('$name is looked for where it can be found', ({ file, faults }) => {
  // The simulation has ends of its own: what is planted into the real ones changes nothing there.
  expect(faults !== undefined).toBe(inConnectors.test(file))
  for (const id of faults ?? []) expect(kinds).toContain(id)
})
