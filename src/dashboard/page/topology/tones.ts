import type { Colour, Diagnosis } from '../../../vitals/diagnosis'
import type { Card } from './graph'

const order: Readonly<Record<Colour, number>> = { green: 0, amber: 1, red: 2 }

export const worse = (a: Colour, b: Colour): Colour => (order[b] > order[a] ? b : a)

/** What isn't named by a diagnosis is well. */
export const toneOfStep = (name: string, { nodes }: Pick<Diagnosis, 'nodes'>): Colour => nodes[name] ?? 'green'

/** The worst within. */
export function toneOfCard({ kind, title, steps }: Card, diagnosis: Pick<Diagnosis, 'nodes' | 'ends'>): Colour {
  const own: Colour = kind === 'end' ? (diagnosis.ends[title] ?? 'green') : 'green'
  return steps.reduce((worst, step) => worse(worst, toneOfStep(step.name, diagnosis)), own)
}
