import { concatMap, filter, from, mergeWith, pipe, Subject, takeWhile, tap } from 'rxjs'
import type { StreamRecord } from '../../src'
import { input, plays } from './play'

test('runs an operator of RxJS on records', () =>
  plays(
    streams =>
      input(streams).pipe(
        pipe(
          filter(({ value }) => value !== null),
          concatMap(record => from([record, { ...record, key: 'again' }])),
        ),
      ),
    `
    in a 1 @5
      → out a 1 @5
      → out again 1 @5
    in a null @6
    `,
  ))

test("an error of the operator is its record's, and the operator starts anew", () =>
  plays(
    streams =>
      input(streams).pipe(
        tap(({ value }) => {
          if (value === 2) throw new Error('not that one')
        }),
      ),
    `
    in a 1 @5
      → out a 1 @5
    in a 2 @6
      → in_dead_letters a 2 @6
    in a 3 @7
      → out a 3 @7
    `,
  ))

test('an operator that completes takes nothing more', () =>
  plays(
    streams => input(streams).pipe(takeWhile(({ value }) => value < 2)),
    `
    in a 1 @5
      → out a 1 @5
    in a 2 @6
    in a 1 @7
    `,
  ))

test('an emission without a record in hand stops the task, and says what to use instead', async () => {
  const later = new Subject<StreamRecord<string, any>>()
  const driver = await plays(
    streams => input(streams).pipe(mergeWith(later)),
    `
    in a 1 @5
      → out a 1 @5
    `,
  )
  later.next({ key: 'a', value: 2, timestamp: 6 })
  await expect(driver.pipe('in', { key: 'a', value: 3, timestamp: 7 })).rejects.toThrow(/use synchronous operators/)
})
