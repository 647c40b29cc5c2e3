import { deflateRawSync } from 'node:zlib'
import { decodeMemberData, encodeMemberData } from '../../src/connectors/member-data'

test('what a member says comes back, short or long', () => {
  const long = { active: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`0_${i * 7}`, 5_000])) }
  for (const value of [{}, { active: ['0_1'] }, long]) expect(decodeMemberData(encodeMemberData(value))).toEqual(value)
  expect(encodeMemberData(long).length).toBeLessThan(JSON.stringify(long).length / 2)
})

test('no data are none, and others are refused', () => {
  expect(decodeMemberData(Buffer.alloc(0))).toBeUndefined()
  expect(() => decodeMemberData(Buffer.from([0, 1, 2]))).toThrow()
  expect(() => decodeMemberData(Buffer.from([1, 255, 255]))).toThrow()
  const bomb = Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 0x20))])
  expect(() => decodeMemberData(bomb)).toThrow()
})
