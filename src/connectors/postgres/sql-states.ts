/**
 * What a refusal of Postgres is about:
 * - `content`: the rows themselves; trying again can't help, and one record is to blame;
 * - `outage`: the server, for now; the same rows will do later;
 * - `unfit`: the tables, rights or the server's settings are not as they should be, until somebody mends them.
 */
export type Blame = 'content' | 'outage' | 'unfit'

interface State {
  readonly blame: Blame
  /** What to do, where the server's own words don't say it. */
  readonly advice?: string
}

const content: State = { blame: 'content' }
const outage: State = { blame: 'outage' }
const unfit: State = { blame: 'unfit' }
const migrate: State = { blame: 'unfit', advice: '`weir migrate` makes the tables as the topology needs them' }

/** By SQLSTATE or its beginning; the longest that fits counts (PostgreSQL, Appendix A). */
const states: Readonly<Record<string, State>> = {
  // The connection, the server's life and its resources.
  '08': outage,
  '25': outage, // state of the transaction: it timed out, or was aborted
  '25006': { blame: 'outage', advice: 'the server takes no writes: is it a standby?' },
  '26': outage, // a prepared statement that another session has
  '53': outage,
  '53100': { blame: 'outage', advice: "the server's disk is full: make room there" },
  '53300': { blame: 'outage', advice: 'the server has no connection left: raise max_connections, or close some' },
  '55': outage, // locks that aren't to be had in time
  '57': outage, // shutdown, crash, a statement that took too long
  '58': outage, // errors of the operating system
  '40': outage, // deadlock, serialization
  '40002': content, // a constraint that is checked at the commit
  XX: outage,
  // The rows.
  '09': content, // a trigger
  '20': content, // CASE without an ELSE, in a trigger
  '21': content, // two keys that the table takes for one
  '22': content, // data: range, encoding, length, arithmetic in a generated column
  '22P03': migrate, // binary values of another size: a column of another type
  '22P04': migrate,
  '23': content, // constraints
  '27': content,
  '2F': content, // what a function of a trigger refuses
  '38': content,
  '39': content,
  '44': content, // WITH CHECK OPTION
  '54': content, // more than a row, a key or a value may have
  '54011': { blame: 'unfit', advice: 'a table has 1,600 columns at most, dropped ones among them: make it anew' },
  '54023': unfit, // arguments of a function
  P0: content, // RAISE in a trigger
  // The tables, the rights, the settings.
  '0A': unfit,
  '28': { blame: 'unfit', advice: 'mend user and password of DATABASE_URL' },
  '3D': { blame: 'unfit', advice: 'make the database, or mend DATABASE_URL' },
  '3F': migrate,
  '42': migrate,
  '428C9': { blame: 'unfit', advice: 'a column that the table fills itself can not be written: drop its GENERATED' },
  '42501': unfit,
}

/** A refusal, as `pg` reports the fields of the server's message. */
export interface Refusal {
  readonly code?: string | undefined
  readonly constraint?: string | undefined
  /** The function of the server that has raised it. */
  readonly routine?: string | undefined
}

/** What a refusal is about. Everything without a SQLSTATE is an outage: it never came to a refusal. */
export function stateOf({ code, constraint, routine }: Refusal): State {
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return outage
  // Row-level security refuses a row, under the code of a missing right.
  if (code === '42501' && routine === 'ExecWithCheckOptions') return content
  // A row that no partition takes violates a check that isn't a constraint of anybody's.
  if (code === '23514' && constraint === undefined && routine === 'ExecFindPartition') return migrate
  for (let length = 5; length >= 2; length--) {
    const state = states[code.slice(0, length)]
    if (state) return state
  }
  return outage
}
