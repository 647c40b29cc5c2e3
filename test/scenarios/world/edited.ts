import { json, type KStream, text, topology, tumbling } from '../../../src'

const out = { key: text, value: json<any>() }

/** A count of records, as its author first wrote it, and what became of it in four edits. */
const edits: Record<string, (records: KStream<string, number>) => void> = {
  first: records => windowed(records, 'counted', 10_000),
  renamed: records => windowed(records, 'counted-anew', 10_000),
  resized: records => windowed(records, 'counted', 20_000),
  unwindowed: records => records.groupByKey().count({ name: 'counted' }).toStream().to('counts', out),
  stateless: records => records.to('counts', out),
}

function windowed(records: KStream<string, number>, name: string, sizeMs: number): void {
  records
    .groupByKey()
    .windowedBy(tumbling({ sizeMs, graceMs: 0 }))
    .count({ name })
    .toStream({ key: (_, { key }) => key })
    .to('counts', out)
}

export default topology('edited', streams => {
  edits[process.env.WEIR_EDIT ?? 'first']!(streams.stream('records', { key: text, value: json<number>() }))
})
