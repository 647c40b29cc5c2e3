import type { Reading } from '../dsl/graph'
import type { Headers, StreamRecord, Window } from '../record'
import type { Change, Emit } from './operator'

/** What a stored aggregate shows: null stays null. */
export function viewOf(result: Reading | undefined): (value: unknown) => unknown {
  return value => (value === null || value === undefined || result === undefined ? (value ?? null) : result(value))
}

/** A record with the headers of the one that caused it, if that had any. */
export function withHeaders(
  key: unknown,
  value: unknown,
  timestamp: number,
  headers: Headers | undefined,
): StreamRecord<any, any> {
  return headers === undefined ? { key, value, timestamp } : { key, value, timestamp, headers }
}

/** Forwards the results of windows as changes of windowed keys, with old values where someone asked. */
export class WindowedOutput {
  readonly view: (value: unknown) => unknown

  constructor(
    result: Reading | undefined,
    private readonly sendsOld: boolean,
  ) {
    this.view = viewOf(result)
  }

  forward(
    key: unknown,
    window: Window,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    headers: Headers | undefined,
    emit: Emit,
  ): void {
    const change: Change = { newValue: this.view(newValue), oldValue: this.sendsOld ? this.view(oldValue) : null }
    emit(withHeaders({ key, window }, change, timestamp, headers))
  }
}
