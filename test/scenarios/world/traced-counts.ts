import { json, text, topology, tumbling } from '../../../src'

export const input = 'traced_words'
export const output = 'traced_counts'

/** Final counts by length of word, behind a repartition. */
export default topology('traced-counts', streams => {
  streams
    .stream(input, { key: text, value: json<string>() })
    .groupBy(word => String(word.length), { name: 'by-length' })
    .windowedBy(tumbling({ sizeMs: 1_000, graceMs: 0 }), { emit: 'onWindowClose' })
    .count({ name: 'counts' })
    .toStream({ key: (_, { key }) => key })
    .to(output, { key: text, value: json<number>() })
})
