import { json, text, topology } from 'weir-streams'

export default topology('consumer-{name}-counts', streams => {
  streams
    .stream('{name}-pages', { key: text, value: json<number>() })
    .to('{name}-counts', { key: text, value: json<number>() })
})
