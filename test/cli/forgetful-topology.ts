import { json, type ProcessorContext, text, topology } from '../../src'

/** Numbers its records, and forgets where it was when it moves: what must not be done. */
export default topology('forgetful', streams => {
  streams
    .stream('in', { key: text, value: json<number>() })
    .processValues<number>({
      supplier: () => {
        let context: ProcessorContext
        let n = 0
        return {
          init: given => {
            context = given
          },
          process: record => context.forward({ ...record, value: ++n }),
        }
      },
    })
    .to('out', { key: text, value: json<number>() })
})
