import { keyBytes, offsetOf, timestampOf, valueBytes } from '../../../src/connectors/batch'
import { damagedRecord } from '../../../src/engine/task/damaged-record'
import { DecodeError } from '../../../src/errors'

const bytes = Buffer.from('as it lies there')
const range = {
  topic: 't',
  partition: 3,
  firstOffset: 5,
  lastOffset: 8,
  before: 2,
  timestamp: 90,
  reason: 'a batch',
  bytes,
}

test('a damaged range is one record of its first offset, without a key, whose value are its bytes', () => {
  const { batch, index } = damagedRecord(range)
  expect(batch).toMatchObject({ topic: 't', partition: 3, count: 1, nextOffset: 9, bytes: bytes.length })
  expect([offsetOf(batch, index), timestampOf(batch, index), keyBytes(batch, index)]).toEqual([5, 90, null])
  expect([valueBytes(batch, index), batch.headers(index)]).toEqual([bytes, undefined])
})

test('its error says where it is, as one offset or as several', () => {
  const { error } = damagedRecord(range)
  expect(error).toBeInstanceOf(DecodeError)
  expect(error).toMatchObject({
    message: "offsets 5 to 8: can't read a batch",
    position: { topic: 't', partition: 3, offset: 5 },
  })
  expect(damagedRecord({ ...range, lastOffset: 5 }).error.message).toBe("offset 5: can't read a batch")
})
