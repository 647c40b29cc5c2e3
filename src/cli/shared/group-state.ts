import type { Colour } from './output'

export function stateColour(state: string): Colour {
  if (state === 'Stable') return 'green'
  return state === 'Dead' ? 'red' : 'yellow'
}
