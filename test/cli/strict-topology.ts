import { json, text, topology } from '../../src'

/** Stops at the first record that it can't read. */
export default topology('strict', streams => {
  streams
    .stream('in', { key: text, value: json<number>(), onBadRecord: 'fail' })
    .to('out', { key: text, value: json() })
})
