import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The text of a statement, one a file, in the folder `sql` beside this one. */
export function sql(name: string): string {
  return readFileSync(join(__dirname, 'sql', `${name}.sql`), 'utf8')
}
