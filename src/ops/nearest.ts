import { nearest } from '../nearest'
import { NotFoundError } from './errors'

/** So many are read at a glance. */
const listed = 10

/** `topic "sensor_dat" does not exist; did you mean "sensor_data"?`, and of a few names that are all unlike it, `there is a, b`. */
export function notFound(what: string, name: string, names: readonly string[]): NotFoundError {
  const meant = nearest(name, names)
  const few = names.length > 0 && names.length <= listed ? `; there is ${names.join(', ')}` : ''
  const hint = meant === undefined ? few : `; did you mean "${meant}"?`
  return new NotFoundError(`${what} "${name}" does not exist${hint}`)
}
