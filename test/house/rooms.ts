import { writeFileSync } from 'node:fs'
import { isUpward, mayImport, roomOf, wingOf, wings } from './floors'
import { circles, fileArrows, imports, sources } from './imports'
import { arrowsBy, filesIn, floors, roomsPicture } from './rooms-picture'

/**
 * `npm run rooms [-- --svg FILE]`: draws the rooms of `src` by floors, with the arrows that imports make between them, and counts what
 * must not be: arrows upward and circles of files. Exit code 1 where there is one.
 */

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

print()
const wanted = process.argv.indexOf('--svg')
if (wanted > 0) writeFileSync(process.argv[wanted + 1]!, roomsPicture())
process.exitCode = upward.length + rounds.length > 0 ? 1 : 0
