import { markCommitter, markOffsets, readCommitter } from '../../../src/connectors/kafka/group/committer-mark'
import { startOffsets } from '../../../src/connectors/kafka/write/start-offsets'

const topicId = 'c0c0c0c0c0c0c0c0c0c0-_'

test.each([
  { transactionalId: 'app-1:2', topicId },
  { transactionalId: undefined, topicId },
  { transactionalId: 'app', topicId: undefined },
])('what is noted with an offset is read back: %j', mark => {
  expect(readCommitter(markCommitter(mark, 'weir:3:{"x"}'))).toEqual({ ...mark, metadata: 'weir:3:{"x"}' })
})

test('a mark without a topic is understood, and the metadata of another writer is left as it is', () => {
  expect(readCommitter('weir:3:app{}')).toEqual({ transactionalId: 'app', topicId: undefined, metadata: '{}' })
  expect(readCommitter('{}')).toMatchObject({ transactionalId: undefined, metadata: '{}' })
})

test('an offset of a topic that was deleted since is none in the topic of its name', () => {
  const at = { topic: 't', partition: 0, offset: 150, metadata: 'm', committer: 'app' }
  const now = new Map([['t', topicId]])
  const [former, same, unmarked, gone] = [
    startOffsets([{ ...at, topicId: 'a0c0c0c0c0c0c0c0c0c0-_' }], now),
    startOffsets([{ ...at, topicId }], now),
    startOffsets([{ ...at, topicId: undefined }], now),
    startOffsets([{ ...at, topicId }], new Map()),
  ].flat()
  expect(former).toEqual({ topic: 't', partition: 0, offset: undefined, metadata: '', topicId, formerOffset: 150 })
  for (const kept of [same, unmarked, gone]) expect(kept).toMatchObject({ offset: 150, metadata: 'm' })
})

test('each offset has the mark of who commits it, of its own topic, before what the engine notes', () => {
  const offsets = [
    { topic: 't', partition: 0, offset: 1, metadata: 'x' },
    { topic: 'u', partition: 3, offset: 2 },
  ]
  const marked = markOffsets(offsets, 'app', ({ topic }) => (topic === 't' ? topicId : undefined))
  expect(marked).toEqual([
    { topic: 't', partition: 0, offset: 1, metadata: `weir@${topicId}:3:appx` },
    { topic: 'u', partition: 3, offset: 2, metadata: 'weir:3:app' },
  ])
  expect(markOffsets(offsets, undefined, () => undefined)[0]?.metadata).toBe('weir:0:x')
})

test('metadata that only looks like a mark is left as it is', () => {
  for (const metadata of ['xweir:3:app', 'weir@short:3:app', 'weir:three:app', ''])
    expect(readCommitter(metadata)).toEqual({ transactionalId: undefined, topicId: undefined, metadata })
})
