import type { NodeDescription, TopologyVitals } from '../../../vitals/format'

/** What the picture is made of: a topic, an end, or steps that hand their records on one to the next. */
export interface Card {
  readonly id: string
  readonly kind: 'topic' | 'end' | 'steps'
  /** The topic's or end's name; empty for steps. */
  readonly title: string
  /** The steps that stand within, in the order of the records. */
  readonly steps: readonly Step[]
}

export interface Step extends NodeDescription {
  readonly part: number
}

/** Records go from one card to another; as many as `step` hands on. */
export interface Edge {
  readonly from: string
  readonly to: string
  /** The step whose flow this is: the one that hands on, or for a topic that many read the one that reads. */
  readonly step: string
}

export interface Graph {
  readonly cards: readonly Card[]
  readonly edges: readonly Edge[]
}

/**
 * The graph of a topology in few cards: a step that alone reads or writes a topic or end stands in its card, and steps that have only each other
 * stand in one.
 */
export function graphOf({ parts }: Pick<TopologyVitals, 'parts'>): Graph {
  const steps = parts.flatMap(({ id, nodes }) => nodes.map((node): Step => ({ ...node, part: id })))
  const outside = outsideOf(steps)
  const cardOf = new Map<string, string>()
  const chains = chainsOf(steps, outside, cardOf)
  const cards: Card[] = [...outside.values()].map(({ id, kind, title, within }) => {
    for (const step of within) cardOf.set(step.name, id)
    return { id, kind, title, steps: within }
  })
  return { cards: [...cards, ...chains], edges: edgesOf(steps, outside, cardOf) }
}

interface Outside {
  readonly id: string
  readonly kind: 'topic' | 'end'
  readonly title: string
  readonly readers: Step[]
  readonly writers: Step[]
  /** Its own reader and writer, where there is but one of each kind. */
  within: readonly Step[]
}

function outsideOf(steps: readonly Step[]): Map<string, Outside> {
  const found = new Map<string, Outside>()
  const at = (title: string, kind: Outside['kind']): Outside => {
    const id = `${kind} ${title}`
    const known = found.get(id) ?? { id, kind, title, readers: [], writers: [], within: [] }
    found.set(id, known)
    return known
  }
  for (const step of steps) {
    if (step.reads !== undefined) at(step.reads, 'topic').readers.push(step)
    if (step.writes !== undefined) at(step.writes, step.end === undefined ? 'topic' : 'end').writers.push(step)
  }
  for (const each of found.values()) {
    const alone = (of: readonly Step[]) => (of.length === 1 ? of : [])
    each.within = [...alone(each.writers), ...alone(each.readers)]
  }
  return found
}

const nameWithin = (step: Step) => `${step.part} ${step.name}`

/** Steps in a row: each the only child of the one before, and that its only parent. */
function chainsOf(steps: readonly Step[], outside: ReadonlyMap<string, Outside>, cardOf: Map<string, string>): Card[] {
  const taken = new Set([...outside.values()].flatMap(({ within }) => within))
  const children = new Map<string, Step[]>()
  for (const step of steps)
    for (const parent of step.parents) {
      const key = `${step.part} ${parent}`
      children.set(key, [...(children.get(key) ?? []), step])
    }
  const onlyChild = (step: Step): Step | undefined => {
    const all = children.get(nameWithin(step)) ?? []
    const [first] = all
    const isChain = all.length === 1 && first?.parents.length === 1 && !taken.has(first) && step.writes === undefined
    return isChain ? first : undefined
  }
  const follows = new Set(steps.filter(step => !taken.has(step)).flatMap(step => onlyChild(step) ?? []))
  const cards: Card[] = []
  for (const first of steps) {
    if (taken.has(first) || follows.has(first)) continue
    const row: Step[] = []
    for (let step: Step | undefined = first; step !== undefined && !row.includes(step); step = onlyChild(step)) {
      row.push(step)
      cardOf.set(step.name, `steps ${first.name}`)
    }
    cards.push({ id: `steps ${first.name}`, kind: 'steps', title: '', steps: row })
  }
  return cards
}

function edgesOf(
  steps: readonly Step[],
  outside: ReadonlyMap<string, Outside>,
  cardOf: ReadonlyMap<string, string>,
): Edge[] {
  const found = new Map<string, Edge>()
  const add = (from: string | undefined, to: string | undefined, step: string) => {
    if (from === undefined || to === undefined || from === to) return
    const key = `${from}\n${to}`
    if (!found.has(key)) found.set(key, { from, to, step })
  }
  for (const step of steps) for (const parent of step.parents) add(cardOf.get(parent), cardOf.get(step.name), parent)
  for (const { id, readers, writers } of outside.values()) {
    // What a `to` or a `sink` takes is what its parent hands on.
    for (const step of writers) add(cardOf.get(step.name), id, step.parents[0] ?? step.name)
    for (const step of readers) add(id, cardOf.get(step.name), step.name)
  }
  return [...found.values()]
}
