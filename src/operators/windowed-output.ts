import type { Window, Windowed } from '../record'
import type { Emit } from './operator'

/** What a stored aggregate shows: null stays null. */
export function viewOf(result: ((aggregate: any) => any) | undefined): (value: any) => any {
  return value => (value === null || value === undefined || result === undefined ? (value ?? null) : result(value))
}

/** How windowed aggregations forward: changes of windowed keys, with old values where someone asked. */
export function windowedOutput(result: ((aggregate: any) => any) | undefined, sendsOld: boolean) {
  const view = viewOf(result)
  return (key: unknown, window: Window, newValue: unknown, oldValue: unknown, timestamp: number, emit: Emit): void => {
    const windowed: Windowed<unknown> = { key, window }
    emit({ key: windowed, value: { newValue: view(newValue), oldValue: sendsOld ? view(oldValue) : null }, timestamp })
  }
}
