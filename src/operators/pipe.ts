import { Observable } from 'rxjs/internal/Observable'
import { Subject } from 'rxjs/internal/Subject'
import { TopologyError } from '../errors'
import type { StreamRecord } from '../record'
import type { Compile } from './operator'

/**
 * The door to RxJS's own operators: synchronous ones without memory. An error of theirs is the record's failure and the
 * operator starts anew; an emission at any other time than while a record is in hand is the author's bug.
 */
export const pipe: Compile<'pipe'> = (node, context) => ({
  inputs: [
    source =>
      new Observable(subscriber => {
        let input = new Subject<StreamRecord>()
        let inHand = false
        const start = () => {
          input = new Subject()
          input.pipe(node.spec.operator).subscribe({
            next: record => {
              if (inHand) return subscriber.next(record)
              // Thrown here it would reach nobody but the process: the task stops with it at its next record.
              const message = `step ${node.name}: an operator in pipe() emitted after the record was finished; use synchronous operators there, and process() with a store for anything with memory or time`
              context.fail(node, new TopologyError(message))
            },
            error: error => {
              context.fail(node, error)
              start()
            },
          })
        }
        start()
        return source.subscribe(record => {
          inHand = true
          input.next(record)
          inHand = false
        })
      }),
  ],
})
