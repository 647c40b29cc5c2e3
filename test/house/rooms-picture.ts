import { floorOf, roomOf, rooms, wings } from './floors'
import { fileArrows, sources } from './imports'

/** That files of one place import something of another. */
interface Arrow {
  readonly from: string
  readonly to: string
  /** Files of `from` that do so. */
  count: number
}

/** The arrows between the places that files belong to: rooms, or wings. */
export function arrowsBy(placeOf: (path: string) => string): Arrow[] {
  const found = new Map<string, Arrow>()
  for (const [from, targets] of fileArrows)
    for (const to of targets) {
      const [here, there] = [placeOf(from), placeOf(to)]
      if (here === there) continue
      const name = `${here} ${there}`
      const arrow = found.get(name) ?? { from: here, to: there, count: 0 }
      arrow.count++
      found.set(name, arrow)
    }
  return [...found.values()]
}

export const filesIn = (room: string): number => sources.filter(path => roomOf(path) === room).length

/** Rooms by floor, from the ground up. */
export function floors(): string[][] {
  const found: string[][] = []
  for (const room of Object.keys(rooms)) if (filesIn(room) > 0) (found[floorOf(room)] ??= []).push(room)
  return found.filter(Boolean)
}

const [roomWidth, roomHeight, gap, stair] = [172, 46, 22, 44]

interface Place {
  readonly x: number
  readonly y: number
}

/** The arrows that no road of others implies: what is left of a room's imports when those of its imports are taken away. */
function shortest(arrows: readonly Arrow[]): Arrow[] {
  const reached = new Map<string, Set<string>>()
  const reach = (room: string): Set<string> => {
    const known = reached.get(room)
    if (known !== undefined) return known
    const next = arrows.filter(({ from }) => from === room).map(({ to }) => to)
    const found = new Set(next.flatMap(to => [to, ...reach(to)]))
    reached.set(room, found)
    return found
  }
  return arrows.filter(({ from, to }) => !arrows.some(each => each.from === from && reach(each.to).has(to)))
}

/**
 * The picture of the rooms, SVG: floors are rows, the ground at the bottom, and a line goes down from who imports to who is imported. Lines
 * that others imply are left out, and no figure stands in it, so that it changes with the rooms alone.
 */
export function roomsPicture(): string {
  const rows = floors()
  const width = Math.max(...rows.map(row => row.length)) * (roomWidth + gap) + gap
  const height = rows.length * (roomHeight + stair)
  const places = new Map<string, Place>()
  for (const [floor, names] of rows.entries())
    for (const [i, room] of names.entries()) {
      const left = (width - names.length * (roomWidth + gap) + gap) / 2
      places.set(room, { x: left + i * (roomWidth + gap), y: height - (floor + 1) * (roomHeight + stair) + stair / 2 })
    }
  const arrows = shortest(arrowsBy(roomOf))
    .map(({ from, to }) => ({ from: places.get(from), to: places.get(to) }))
    .flatMap(({ from, to }) => (from && to ? [arrow(from, to)] : []))
    .sort()
  const boxes = [...places].map(([room, place]) => box(room, place))
  const style =
    'rect{fill:#f4f6fb;stroke:#5b6b8c}path{fill:none;stroke:#5b6b8c;stroke-opacity:.45}text{fill:#1d2636;text-anchor:middle}'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>The rooms of src, floor by floor, and what imports what</title>',
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" style="fill:#fff;stroke:none"/>`,
    ...arrows,
    ...boxes,
    '</svg>\n',
  ].join('\n')
}

function arrow(from: Place, to: Place): string {
  const [x1, y1, x2, y2] = [from.x + roomWidth / 2, from.y + roomHeight, to.x + roomWidth / 2, to.y]
  const bend = (y1 + y2) / 2
  return `<path d="M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}"/>`
}

function box(room: string, { x, y }: Place): string {
  const middle = roomWidth / 2
  const lines = wingLines(wings[room] ?? [])
  const name = `<text x="${middle}" y="${[28, 21, 16][lines.length]}" font-weight="600">${room}</text>`
  const below = lines.map(
    (line, i) => `<text x="${middle}" y="${[36, 29][lines.length - 1]! + i * 11}" font-size="9">${line}</text>`,
  )
  return `<g transform="translate(${x} ${y})"><rect width="${roomWidth}" height="${roomHeight}" rx="6"/>${name}${below.join('')}</g>`
}

/** The names of a room's wings, from the ground up, on as many lines as they need. */
function wingLines(names: readonly string[]): string[] {
  const half = names.length > 5 ? Math.ceil(names.length / 2) : names.length
  return [names.slice(0, half), names.slice(half)].flatMap(part => (part.length > 0 ? [part.join(' · ')] : []))
}
