import { allKinds } from '../real/kinds/kinds'
import { CellBook } from '../real/kinds/protocol'
import { bugs } from './bugs'
import { withBug } from './plant'

test.each(bugs)('the text that $name replaces is in $file once', ({ file, from, to }) => {
  expect(withBug(file, from, to)).not.toBe(withBug(file, from, from))
})

const inConnectors = /^src\/connectors\/(postgres|mqtt)\//
const kinds = allKinds(new CellBook()).map(({ id }) => id)

test.each(bugs)('$name is looked for where it can be found', ({ file, faults, isSimulated = false }) => {
  // The simulation has a table end of its own, and weir's MQTT connector in a share of its seeds only.
  expect(faults !== undefined).toBe(inConnectors.test(file))
  if (isSimulated) expect(file).toContain('/mqtt/')
  for (const id of faults ?? []) expect(kinds).toContain(id)
})
