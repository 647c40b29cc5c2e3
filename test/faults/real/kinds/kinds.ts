import type { Kind } from './kind'
import { networkKinds } from './network'
import { poison } from './poison'
import { type CellBook, protocol } from './protocol'
import { serviceKinds } from './services'
import { workerKinds } from './workers'

const calm: Kind = {
  id: 'F16',
  title: 'late, doubled and disordered readings, and nothing else',
  async strike() {
    return { what: 'the fleet as it is all the time' }
  },
}

export function allKinds(book: CellBook): readonly Kind[] {
  const kinds = [...workerKinds, ...serviceKinds, ...networkKinds, poison, calm, protocol(book)]
  return kinds.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
}
