import { writeFileSync } from 'node:fs'
import { floorOf, isUpward, mayImport, roomOf, rooms, wingOf, wings } from './floors'
import { circles, fileArrows, imports, sources } from './imports'

/**
 * `npm run rooms [-- --svg FILE]`: draws the rooms of `src` by floors, with the arrows that imports make between them, and counts what
 * must not be: arrows upward and circles of files. Exit code 1 where there is one.
 */

interface Arrow {
  readonly from: string
  readonly to: string
  /** Files of `from` that import something of `to`. */
  count: number
}

function arrowsBy(placeOf: (path: string) => string): Arrow[] {
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

const filesIn = (room: string) => sources.filter(path => roomOf(path) === room).length
const between = arrowsBy(roomOf)
const upward = [
  ...imports
    .filter(({ from, to, isType }) => from.startsWith('src/') && to.startsWith('src/') && !mayImport(from, to, isType))
    .map(({ from, to }) => `${from} → ${to}`),
  ...[...fileArrows].flatMap(([from, targets]) =>
    targets.filter(to => isUpward(from, to)).map(to => `${from} → ${to}`),
  ),
]
const rounds = circles(fileArrows)

function floors(): string[][] {
  const found: string[][] = []
  for (const room of Object.keys(rooms)) if (filesIn(room) > 0) (found[floorOf(room)] ??= []).push(room)
  return found.filter(Boolean)
}

function print(): void {
  for (const [height, names] of [...floors().entries()].reverse()) {
    console.log(`floor ${height}`)
    for (const room of names) {
      const down = between.filter(({ from }) => from === room).map(({ to, count }) => `${to} ${count}`)
      console.log(`  ${room} (${filesIn(room)} files)${down.length > 0 ? ` → ${down.join(', ')}` : ''}`)
      for (const wing of wings[room] ?? []) {
        const size = sources.filter(path => roomOf(path) === room && wingOf(path) === wing).length
        console.log(`    ${wing} (${size})`)
      }
    }
  }
  const inside = arrowsBy(path => `${roomOf(path)}/${wingOf(path)}`).length
  console.log(`\n${sources.length} files, ${floors().flat().length} rooms, ${floors().length} floors`)
  console.log(`${between.length} arrows between rooms, ${inside} between wings`)
  console.log(`arrows upward ${upward.length}, circles ${rounds.length}`)
  for (const each of upward) console.log(`  upward: ${each}`)
  for (const each of rounds) console.log(`  circle: ${each.join(', ')}`)
}

/** A picture without a layout engine: floors are rows, the ground at the bottom; arrows go down. */
function svg(): string {
  const [width, height, gap] = [150, 58, 22]
  const rows = floors()
  const widest = Math.max(...rows.map(row => row.length))
  const total = { width: widest * (width + gap) + gap, height: rows.length * (height + 46) + gap }
  const at = new Map<string, { x: number; y: number }>()
  for (const [floor, names] of rows.entries())
    for (const [i, room] of names.entries()) {
      const left = (total.width - names.length * (width + gap) + gap) / 2
      at.set(room, { x: left + i * (width + gap), y: total.height - (floor + 1) * (height + 46) })
    }
  const lines = between.flatMap(({ from, to, count }) => {
    const [a, b] = [at.get(from), at.get(to)]
    if (a === undefined || b === undefined) return []
    const [x1, y1, x2, y2] = [a.x + width / 2, a.y + height, b.x + width / 2, b.y]
    const bend = (y1 + y2) / 2
    const stroke = Math.min(4, 0.6 + count / 15).toFixed(1)
    return `<path d="M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}" stroke-width="${stroke}"/>`
  })
  const boxes = [...at].map(([room, { x, y }]) => {
    const inner = wings[room]?.join(' · ') ?? ''
    return `<g transform="translate(${x} ${y})"><rect width="${width}" height="${height}" rx="6"/><text x="8" y="18" font-weight="600">${room}</text><text x="8" y="34">${filesIn(room)} files</text><text x="8" y="49" font-size="8">${inner}</text></g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.width} ${total.height}" font-family="system-ui, sans-serif" font-size="11"><style>rect{fill:#f4f6fb;stroke:#5b6b8c}path{fill:none;stroke:#9aa7c2;opacity:.55}text{fill:#1d2636}</style>${lines.join('')}${boxes.join('')}</svg>\n`
}

print()
const wanted = process.argv.indexOf('--svg')
if (wanted > 0) writeFileSync(process.argv[wanted + 1]!, svg())
process.exitCode = upward.length + rounds.length > 0 ? 1 : 0
