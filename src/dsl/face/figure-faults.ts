import { ProcessError } from '../../errors'

/** The figure as the author wrote it. */
export function titleOf(figure: string, selector: unknown): string {
  return typeof selector === 'function' ? `${figure}(...)` : `${figure}(${JSON.stringify(selector)})`
}

const shown = (value: unknown) => (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)))

/** The fault of a record whose value can't be part of a figure. */
export function unfit(title: string, value: unknown, wanted = 'a finite number'): ProcessError {
  const found = typeof value === 'bigint' ? `${value}n` : shown(value)
  return new ProcessError(
    `${title} needs ${wanted}, and the record has ${found}; leave such records out by filter() before the aggregation, or give the figure a function that makes ${wanted} of them`,
  )
}

/** The fault of a record with which a figure stops being a finite number. */
export function overflow(title: string, value: unknown): ProcessError {
  return new ProcessError(
    `${title} is beyond the largest number, ${Number.MAX_VALUE}, with this record's ${shown(value)}; leave such values out by filter() before the aggregation`,
  )
}
