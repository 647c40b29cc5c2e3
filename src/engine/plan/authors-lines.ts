import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** weir itself, in a checkout or a package. */
const own = resolve(__dirname, '../..') + sep

/** `(file:///app/topology.ts:12:6)` or `at /app/topology.ts:12:6` of a stack's line. */
const frame = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/

/** The places in the author's own code that an error's stack names, the innermost first, as `/home/me/topology.ts:12:34`. */
export function authorsLines(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return stack.split('\n').flatMap(line => {
    const [, place = '', row, column] = frame.exec(line.trim()) ?? []
    // What loads TypeScript may mark a module's address.
    const file = place.startsWith('file://') ? fileURLToPath(place.replace(/\?.*$/, '')) : place
    const isTheirs = file !== '' && !file.startsWith(own) && !file.includes(`${sep}node_modules${sep}`)
    return isTheirs ? [`${file}:${row}:${column}`] : []
  })
}
