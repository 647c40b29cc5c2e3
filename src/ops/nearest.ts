import { nearest } from '../nearest'
import { NotFoundError } from './errors'

/** `topic "sensor_dat" does not exist; did you mean "sensor_data"?` */
export function notFound(what: string, name: string, names: readonly string[]): NotFoundError {
  const meant = nearest(name, names)
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
  return new NotFoundError(`${what} "${name}" does not exist${hint}`)
}
