import { diskFull } from './disk-full'
import type { Kind } from './kind'
import { networkKinds } from './network'
import { poison } from './poison'
import { type CellBook, protocol } from './protocol'
import { schemaEvolution } from './schema'
import { serviceKinds } from './services'
import { stateLoss } from './state'
import { workerKinds } from './workers'

const calm: Kind = {
  id: 'F16',
  title: 'late, doubled and disordered readings, and nothing else',
  async strike() {
    return { what: 'the fleet as it is all the time' }
  },
}

export function allKinds(book: CellBook): readonly Kind[] {
  const many = [...workerKinds, ...serviceKinds, ...networkKinds]
  const kinds = [...many, diskFull, schemaEvolution, stateLoss, poison, calm, protocol(book)]
  return kinds.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
}
