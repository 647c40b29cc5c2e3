import type { Card, Graph } from './graph'

/** Where a card stands, px from the upper left. */
export interface Place {
  readonly card: Card
  readonly x: number
  readonly y: number
  readonly height: number
}

export interface Layout {
  /** In the order of the records: that is the order in which they are read out. */
  readonly places: readonly Place[]
  readonly width: number
  readonly height: number
}

/** px; the same stand in topology.css. */
export const sizes = { width: 184, head: 30, step: 40, frame: 2, column: 44, row: 16, margin: 8 }

export const heightOf = ({ title, steps }: Card): number =>
  (title === '' ? 0 : sizes.head) + steps.length * sizes.step + sizes.frame

/** From left to right, each card beyond all that lead to it; within a column so that few lines cross. */
export function layOut(graph: Graph): Layout {
  const ranks = ranksOf(graph)
  const columns: Card[][] = []
  for (const card of graph.cards) (columns[ranks.get(card.id) ?? 0] ??= []).push(card)
  const filled = columns.filter(column => column !== undefined)
  const ordered = untangled(filled, graph)
  const middles = new Map<string, number>()
  const places: Place[] = []
  const heights = ordered.map(heightOfColumn)
  const height = Math.max(0, ...heights)
  ordered.forEach((column, at) => {
    const x = sizes.margin + at * (sizes.width + sizes.column)
    for (const [card, y] of stacked(column, height, card => wanted(card, graph, middles))) {
      const tall = heightOf(card)
      middles.set(card.id, y + tall / 2)
      places.push({ card, x, y: y + sizes.margin, height: tall })
    }
  })
  const width = Math.max(0, ordered.length * (sizes.width + sizes.column) - sizes.column)
  return { places, width: width + 2 * sizes.margin, height: height + 2 * sizes.margin }
}

const heightOfColumn = (column: readonly Card[]): number =>
  column.reduce((sum, card) => sum + heightOf(card) + sizes.row, -sizes.row)

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

/** Each column in the order of the middle of its neighbours, from the left and from the right in turn. */
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

/** The height at which a card's line from the left would run straight; undefined for a source. */
function wanted(card: Card, { edges }: Graph, middles: ReadonlyMap<string, number>): number | undefined {
  const near = edges.flatMap(({ from, to }) => (to === card.id ? (middles.get(from) ?? []) : []))
  return near.length === 0 ? undefined : near.reduce((sum, each) => sum + each, 0) / near.length
}

/** Each card as near to where it wants to be as the one above and the room for those below let it. */
function stacked(
  column: readonly Card[],
  height: number,
  wantedBy: (card: Card) => number | undefined,
): (readonly [Card, number])[] {
  const free = (height - heightOfColumn(column)) / 2
  const wants = column.map(card => {
    const middle = wantedBy(card)
    return middle === undefined ? undefined : middle - heightOf(card) / 2
  })
  // The column as a whole goes to where its cards want to be on the average, in its own order.
  let y = 0
  const packed = column.map(card => {
    const at = y
    y += heightOf(card) + sizes.row
    return at
  })
  const shifts = wants.flatMap((want, at) => (want === undefined ? [] : [want - (packed[at] ?? 0)]))
  const shift = shifts.length === 0 ? free : shifts.reduce((sum, each) => sum + each, 0) / shifts.length
  const kept = Math.min(Math.max(0, shift), Math.max(0, 2 * free))
  return column.map((card, at) => [card, Math.round((packed[at] ?? 0) + kept)] as const)
}

/** The line of an edge, and its thickness: the square root lets a hundredth of the flow still be seen, px. */
export function edgePath(from: Place, to: Place): string {
  const [x1, y1] = [from.x + sizes.width, from.y + from.height / 2]
  const [x2, y2] = [to.x, to.y + to.height / 2]
  const bend = x2 > x1 ? (x2 - x1) / 2 : 60
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
}

export function edgeWidth(rate: number, most: number): number {
  if (rate <= 0 || most <= 0) return 1
  return Math.round((1.25 + 6.75 * Math.sqrt(Math.min(1, rate / most))) * 100) / 100
}
