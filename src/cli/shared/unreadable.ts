import type { DecodeError } from '../../errors'
import { counted, type Output } from './output'

/** Each is told with its place up to so many; the rest is counted. */
const toldAtMost = 20

/** Records that were there and could not be read: exit code 1. */
class UnreadableRecords extends Error {}

/** Says which records were passed over, and how many. */
export class Unreadable {
  records = 0
  private told = 0

  constructor(private readonly out: Output) {}

  readonly tell = (error: DecodeError, records: number): void => {
    this.records += records
    if (++this.told <= toldAtMost) this.out.note(`passed: ${error.message}`)
  }

  /** Throws where a record was passed. */
  end(): void {
    if (this.records > 0) throw new UnreadableRecords(`${counted(this.records, 'record')} could not be read`)
  }
}
