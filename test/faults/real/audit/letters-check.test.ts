import { LettersCheck, originOf } from './letters-check'

const at = (offset: number, partition = 0) => ({ partition, offset })

test('a good record that is put aside does not stand for a bad one that is lost', () => {
  const check = new LettersCheck()
  expect(check.round([at(3)], [at(4)], [10], false)).toEqual([
    'dead letters: 1 missing, as partition 0 offset 3',
    'dead letters: 1 extra, of records that are good, as partition 0 offset 4',
  ])
})

test('places are those of one partition', () => {
  const check = new LettersCheck()
  expect(check.round([at(3, 0)], [at(3, 1)], [10, 10], false)).toHaveLength(2)
})

test('a letter beyond what was read of the log is expected by the next look', () => {
  const check = new LettersCheck()
  expect(check.round([at(3)], [at(3), at(12)], [10], false)).toEqual([])
  expect(check.round([at(12)], [], [20], false)).toEqual([])
  expect(check.round([], [], [20], true)).toEqual([])
})

test('a letter that was ahead, and whose record is good, is extra', () => {
  const check = new LettersCheck()
  expect(check.round([], [at(12)], [10], false)).toEqual([])
  expect(check.round([], [], [20], false)).toEqual([
    'dead letters: 1 extra, of records that are good, as partition 0 offset 12',
  ])
})

test('at the end nothing may be ahead', () => {
  expect(new LettersCheck().round([], [at(12)], [10], true)).toHaveLength(1)
})

test('a record whose letter comes again is there twice', () => {
  const check = new LettersCheck()
  expect(check.round([at(3)], [at(3)], [10], false)).toEqual([])
  expect(check.round([], [at(3)], [20], false)).toEqual(['dead letters: 1 twice, as partition 0 offset 3'])
})

test('a letter that names no record is extra', () => {
  expect(new LettersCheck().round([], [undefined], [10], false)[0]).toMatch(/1 extra that name no record/)
})

test("a letter's record is the one of its headers, of the source alone", () => {
  const headers = (topic: string, partition: string) => ({
    'weir.origin.topic': Buffer.from(topic),
    'weir.origin.partition': Buffer.from(partition),
    'weir.origin.offset': Buffer.from('42'),
  })
  expect(originOf(headers('sensor_data', '3'), 'sensor_data')).toEqual({ partition: 3, offset: 42 })
  expect(originOf(headers('other', '3'), 'sensor_data')).toBeUndefined()
  expect(originOf(headers('sensor_data', ''), 'sensor_data')).toBeUndefined()
  expect(originOf(undefined, 'sensor_data')).toBeUndefined()
})
