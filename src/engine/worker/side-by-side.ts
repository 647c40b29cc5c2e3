import { FencedError } from '../../errors'

/**
 * What several questions that were asked at once bring. Waits for all also after a failure, so that nothing is at work any more when it throws: a
 * FencedError before any other, since others have the tasks then, else what was asked first.
 */
export async function sideBySide<T extends readonly unknown[]>(
  asked: {
    readonly [I in keyof T]: Promise<T[I]>
  },
): Promise<T> {
  const settled = await Promise.allSettled(asked)
  const failures = settled.flatMap(each => (each.status === 'rejected' ? [each.reason as unknown] : []))
  if (failures.length > 0) throw failures.find(error => error instanceof FencedError) ?? failures[0]
  return settled.map(each => (each as PromiseFulfilledResult<unknown>).value) as unknown as T
}
