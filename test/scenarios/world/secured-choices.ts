import { text, topology } from '../../../src'

/** Each record names the topic that it goes to. */
export default topology('secured-choices', streams => {
  const serdes = { key: text, value: text }
  streams.stream('choices', serdes).to(({ value }) => value, serdes)
})
