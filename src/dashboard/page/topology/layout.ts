import type { Card, Graph } from './graph'

/** Where a card stands, px from the upper left. */
export interface Place {
  readonly card: Card
  readonly x: number
  readonly y: number
  readonly height: number
}

/** Which way the records go: from left to right, or down where there is little width. */
export type Direction = 'across' | 'down'

export interface Layout {
  readonly direction: Direction
  /** In the order of the records: that is the order in which they are read out. */
  readonly places: readonly Place[]
  readonly width: number
  readonly height: number
}

/** px; the same stand in topology.css. `rank` lies between a card and the next that it leads to, `beside` between two that nothing joins. */
export const sizes = { width: 184, head: 30, step: 40, frame: 2, rank: 44, beside: 16, margin: 8 }

export const heightOf = ({ title, steps }: Card): number =>
  (title === '' ? 0 : sizes.head) + steps.length * sizes.step + sizes.frame

/** Each card beyond all that lead to it; beside one another so that few lines cross. */
export function layOut(graph: Graph, direction: Direction = 'across'): Layout {
  const isAcross = direction === 'across'
  // How much of its rank a card takes beside others, and how much of the way.
  const breadthOf = isAcross ? heightOf : () => sizes.width
  const depthOf = isAcross ? () => sizes.width : heightOf
  const ranks = rankedCards(graph)
  const breadth = Math.max(0, ...ranks.map(rank => breadthOfRank(rank, breadthOf)))
  const middles = new Map<string, number>()
  const places: Place[] = []
  let way = 0
  for (const rank of ranks) {
    const spots = inRank(rank, { breadth, breadthOf, wanted: card => wanted(card, graph, middles) })
    for (const [card, at] of spots) {
      middles.set(card.id, at + breadthOf(card) / 2)
      const [x, y] = isAcross ? [way, at] : [at, way]
      places.push({ card, x: x + sizes.margin, y: y + sizes.margin, height: heightOf(card) })
    }
    way += Math.max(...rank.map(depthOf)) + sizes.rank
  }
  const [long, broad] = [Math.max(0, way - sizes.rank) + 2 * sizes.margin, breadth + 2 * sizes.margin]
  return { direction, places, width: isAcross ? long : broad, height: isAcross ? broad : long }
}

/** The layout that shows the graph largest in so much width; down only where across would be too small to read. */
export function fittingLayout(graph: Graph, width: number): Layout {
  const across = layOut(graph, 'across')
  if (across.width * readable <= width) return across
  const down = layOut(graph, 'down')
  return down.width < across.width ? down : across
}

/** Letters smaller than this part of theirs are hard to read. */
export const readable = 0.85

function rankedCards(graph: Graph): Card[][] {
  const ranks = ranksOf(graph)
  const rows: Card[][] = []
  for (const card of graph.cards) (rows[ranks.get(card.id) ?? 0] ??= []).push(card)
  return untangled(
    rows.filter(row => row !== undefined),
    graph,
  )
}

const breadthOfRank = (rank: readonly Card[], breadthOf: (card: Card) => number): number =>
  rank.reduce((sum, card) => sum + breadthOf(card) + sizes.beside, -sizes.beside)

/** How far from the sources each card is; an edge that closes a circle doesn't count. */
function ranksOf({ cards, edges }: Graph): Map<string, number> {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to])
  const done: string[] = []
  const seen = new Set<string>()
  const visit = (id: string): void => {
    if (seen.has(id)) return
    seen.add(id)
    for (const to of next.get(id) ?? []) visit(to)
    done.push(id)
  }
  for (const { id } of cards) visit(id)
  const order = new Map(done.reverse().map((id, at) => [id, at]))
  const ranks = new Map<string, number>(done.map(id => [id, 0]))
  for (const id of done)
    for (const to of next.get(id) ?? [])
      if ((order.get(to) ?? 0) > (order.get(id) ?? 0))
        ranks.set(to, Math.max(ranks.get(to) ?? 0, (ranks.get(id) ?? 0) + 1))
  return ranks
}

/** Each rank in the order of the middle of its neighbours, of the rank before and of the rank after in turn. */
function untangled(columns: readonly (readonly Card[])[], { edges }: Graph): Card[][] {
  const ordered = columns.map(column => [...column])
  const position = new Map<string, number>()
  const note = (column: readonly Card[]) =>
    column.forEach((card, at) => {
      position.set(card.id, column.length === 1 ? 0.5 : at / (column.length - 1))
    })
  ordered.forEach(note)
  const middle = (id: string, side: 'from' | 'to') => {
    const other = side === 'from' ? 'to' : 'from'
    const near = edges.filter(edge => edge[other] === id).map(edge => position.get(edge[side]) ?? 0)
    return near.length === 0 ? (position.get(id) ?? 0) : near.reduce((sum, each) => sum + each, 0) / near.length
  }
  for (let round = 0; round < 4; round++) {
    const side = round % 2 === 0 ? 'from' : 'to'
    for (const column of side === 'from' ? ordered : [...ordered].reverse()) {
      const middles = new Map(column.map(card => [card, middle(card.id, side)]))
      column.sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0))
      note(column)
    }
  }
  return ordered
}

/** Where a card's line would run straight; undefined for a source. */
function wanted(card: Card, { edges }: Graph, middles: ReadonlyMap<string, number>): number | undefined {
  const near = edges.flatMap(({ from, to }) => (to === card.id ? (middles.get(from) ?? []) : []))
  return near.length === 0 ? undefined : near.reduce((sum, each) => sum + each, 0) / near.length
}

interface RankRoom {
  readonly breadth: number
  readonly breadthOf: (card: Card) => number
  readonly wanted: (card: Card) => number | undefined
}

/** The cards of a rank side by side, as a whole where they want to be on the average. */
function inRank(rank: readonly Card[], { breadth, breadthOf, wanted: wants }: RankRoom): (readonly [Card, number])[] {
  const free = breadth - breadthOfRank(rank, breadthOf)
  let next = 0
  const packed = rank.map(card => {
    const at = next
    next += breadthOf(card) + sizes.beside
    return [card, at] as const
  })
  const shifts = packed.flatMap(([card, at]) => {
    const middle = wants(card)
    return middle === undefined ? [] : [middle - breadthOf(card) / 2 - at]
  })
  const shift = shifts.length === 0 ? free / 2 : shifts.reduce((sum, each) => sum + each, 0) / shifts.length
  const kept = Math.min(Math.max(0, shift), free)
  return packed.map(([card, at]) => [card, Math.round(at + kept)] as const)
}

/** The line of an edge, up to its arrow. */
export function edgePath(from: Place, to: Place, direction: Direction): string {
  if (direction === 'across') {
    const [x1, y1] = [from.x + sizes.width, from.y + from.height / 2]
    const [x2, y2] = [to.x - arrow, to.y + to.height / 2]
    const bend = x2 > x1 ? (x2 - x1) / 2 : back
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
  }
  const [x1, y1] = [from.x + sizes.width / 2, from.y + from.height]
  const [x2, y2] = [to.x + sizes.width / 2, to.y - arrow]
  const bend = y2 > y1 ? (y2 - y1) / 2 : back
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`
}

/** The point of an arrow takes so much of its line, px. */
export const arrow = 9

/** How far out a line goes that leads back, px. */
const back = 60

/** Its thickness, px: the square root lets a hundredth of the flow still be seen. */
export function edgeWidth(rate: number, most: number): number {
  if (rate <= 0 || most <= 0) return 1
  return Math.round((1.25 + 6.75 * Math.sqrt(Math.min(1, rate / most))) * 100) / 100
}
