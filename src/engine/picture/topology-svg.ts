import type { Topology } from '../../dsl/graph'
import { entryOf, itemAt } from '../../required'
import { planOf } from '../plan/plan'
import { type DescribedPart, describedParts } from './describe'

/** Sizes in px. The letters are of one width. */
const LETTER = 7.2
const BOX = { height: 28, padding: 12 }
const GAP = { column: 56, row: 14, band: 22, margin: 16, title: 26 }

interface Box {
  readonly label: string
  /** Topics and ends outside Kafka are rounded. */
  readonly end: boolean
  readonly stores: readonly string[]
  readonly part: number
  /** Indices of the boxes that it leads to. */
  readonly next: number[]
  /** The column, counted from the left. */
  rank: number
  x: number
  y: number
  width: number
}

/** A topology as an SVG picture: a band for each part, from left to right, topics and ends as rounded boxes. */
export function svg(topology: Topology): string {
  const parts = describedParts(planOf(topology))
  const boxes = boxesOf(parts)
  rank(boxes)
  const { bands, width, height } = place(parts, boxes)
  const arrows = boxes.flatMap(box => box.next.map(to => arrow(box, itemAt(boxes, to))))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">`,
    `<title>${escaped(topology.name)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...bands,
    `<g fill="none" stroke="#667" marker-end="url(#arrow)">${arrows.join('')}</g>`,
    ...boxes.map(drawn),
    '</svg>',
  ].join('\n')
}

function boxesOf(parts: readonly DescribedPart[]): Box[] {
  const boxes: Box[] = []
  const byName = new Map<string, number>()
  // A topic that two parts share is drawn in each: a line from one to the other would run through what is between.
  const endOf = (part: number, name: string): string => `end ${part} ${name}`
  const add = (name: string, label: string, part: number, end: boolean, stores: readonly string[] = []): void => {
    if (byName.has(name)) return
    boxes.push({ ...{ label, end, stores, part, next: [] }, ...{ rank: 0, x: 0, y: 0, width: 0 } })
    byName.set(name, boxes.length - 1)
  }
  parts.forEach(({ nodes }, part) => {
    for (const node of nodes) {
      if (node.reads !== undefined) add(endOf(part, node.reads), node.reads, part, true)
      add(`node ${node.name}`, node.name, part, false, node.stores)
      if (node.writes !== undefined) add(endOf(part, node.writes), node.writes, part, true)
    }
  })
  parts.forEach(({ nodes }, part) => {
    for (const node of nodes) {
      const own = entryOf(byName, `node ${node.name}`)
      for (const parent of node.parents) itemAt(boxes, entryOf(byName, `node ${parent}`)).next.push(own)
      if (node.reads !== undefined) itemAt(boxes, entryOf(byName, endOf(part, node.reads))).next.push(own)
      if (node.writes !== undefined) itemAt(boxes, own).next.push(entryOf(byName, endOf(part, node.writes)))
    }
  })
  return boxes
}

/** Each box stands right of all that lead to it; an arrow that closes a circle does not count. */
function rank(boxes: readonly Box[]): void {
  const done: Box[] = []
  const seen = new Set<Box>()
  const visit = (box: Box): void => {
    if (seen.has(box)) return
    seen.add(box)
    for (const to of box.next) visit(itemAt(boxes, to))
    done.push(box)
  }
  boxes.forEach(visit)
  const order = new Map(done.reverse().map((box, at) => [box, at]))
  for (const box of done)
    for (const to of box.next) {
      const next = itemAt(boxes, to)
      if (entryOf(order, next) > entryOf(order, box)) next.rank = Math.max(next.rank, box.rank + 1)
    }
}

function place(parts: readonly DescribedPart[], boxes: readonly Box[]) {
  let y = GAP.margin
  let right: number = GAP.margin
  const bands = parts.map(({ id }, part) => {
    const top = y
    let bottom = top
    let x = GAP.margin + BOX.padding
    const own = boxes.filter(box => box.part === part)
    const columns = 1 + Math.max(...own.map(box => box.rank))
    for (let column = 0; column < columns; column++) {
      const stack = own.filter(box => box.rank === column)
      // Each box but those of the first column has one before it: no column is empty.
      const letters = Math.max(...stack.map(box => Math.max(box.label.length, storesOf(box).length)))
      const width = letters * LETTER + 2 * BOX.padding
      let next = top + GAP.title
      for (const box of stack) {
        Object.assign(box, { x, width, y: next })
        next += heightOf(box) + GAP.row
      }
      bottom = Math.max(bottom, next)
      x += width + GAP.column
    }
    right = Math.max(right, x - GAP.column + BOX.padding)
    y = bottom + GAP.band
    return { id, top, bottom }
  })
  const width = Math.ceil(right + GAP.margin)
  const frame = ({ id, top, bottom }: (typeof bands)[number]) =>
    `<rect x="${GAP.margin}" y="${top}" width="${width - 2 * GAP.margin}" height="${bottom - top}" rx="6" fill="#f4f6fa" stroke="#d5dae5"/><text x="${GAP.margin + BOX.padding}" y="${top + 17}" fill="#667">Sub-topology ${id}</text>`
  return { bands: bands.map(frame), width, height: Math.ceil(y - GAP.band + GAP.margin) }
}

const storesOf = ({ stores }: Box) => (stores.length === 0 ? '' : `store ${stores.join(', ')}`)
const heightOf = (box: Box) => BOX.height + (box.stores.length > 0 ? 16 : 0)

function arrow(from: Box, to: Box): string {
  const [x1, y1] = [from.x + from.width, from.y + heightOf(from) / 2]
  const [x2, y2] = [to.x, to.y + heightOf(to) / 2]
  const bend = Math.max(30, (x2 - x1) / 2)
  return `<path d="M${fixed(x1)} ${y1}C${fixed(x1 + bend)} ${y1} ${fixed(x2 - bend)} ${y2} ${fixed(x2)} ${y2}"/>`
}

function drawn(box: Box): string {
  const { x, y, width, end, label } = box
  const height = heightOf(box)
  const middle = fixed(x + width / 2)
  const text = (value: string, at: number, fill: string) =>
    `<text x="${middle}" y="${y + at}" text-anchor="middle" fill="${fill}">${escaped(value)}</text>`
  const store = box.stores.length === 0 ? '' : text(storesOf(box), 34, '#2a7d4f')
  return `<rect x="${fixed(x)}" y="${y}" width="${fixed(width)}" height="${height}" rx="${end ? 14 : 4}" fill="${end ? '#e8f1fe' : '#fff'}" stroke="${end ? '#4a7fd0' : '#8a93a6'}"/>${text(label, 18, '#223')}${store}`
}

const fixed = (value: number) => String(Math.round(value * 10) / 10)
const escaped = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
