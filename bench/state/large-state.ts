import { text, topology } from '../../src/index'

/** The latest value of each key, in a store on disk. */
export default topology('bench-large-state', streams => {
  streams
    .stream('bench_large_state', { key: text, value: text })
    .groupByKey()
    .reduce({ name: 'latest', location: 'disk', reducer: (_, next) => next })
})
