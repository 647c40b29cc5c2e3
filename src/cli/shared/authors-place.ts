import { relative, sep } from 'node:path'
import { authorsLines } from '../../engine/plan/authors-lines'

/** A place as it is typed in a folder: `topology.ts:12:6`. */
export const fromFolder = (place: string, folder = process.cwd()): string =>
  place.startsWith(folder + sep) ? relative(folder, place) : place

/** Where in the project of a folder an error arose, as `topology.ts:12:6`: the innermost line of its code. Undefined where there is none. */
export function authorsPlace(error: unknown, folder = process.cwd()): string | undefined {
  const place = authorsLines(error).find(each => each.startsWith(folder + sep))
  return place === undefined ? undefined : fromFolder(place, folder)
}
