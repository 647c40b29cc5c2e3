import { howToRead, readingOf, startOf } from '../../../src/dashboard/page/cluster/messages/reading'
import { pairsOf } from '../../../src/dashboard/page/cluster/pairs-text'

describe('what the address says of messages', () => {
  it('is the newest of all partitions where it says nothing', () => {
    expect(readingOf({})).toMatchObject({ mode: 'browse', from: 'latest', direction: 'older', partitions: undefined })
  })

  it('is read onwards from a place, and searched where there is a filter, and followed where it says so', () => {
    expect(readingOf({ from: '1200' })).toMatchObject({ mode: 'browse', direction: 'newer' })
    expect(readingOf({ filter: 'key == 7' })).toMatchObject({ mode: 'search', filter: 'key == 7' })
    expect(readingOf({ filter: 'key == 7', follow: '' })).toMatchObject({ mode: 'follow', filter: 'key == 7' })
  })

  it('is something that can be asked for, whatever somebody typed', () => {
    expect(readingOf({ partitions: '0,2,5-7', value: 'avro' })).toMatchObject({
      ...{ partitions: '0,2,5-7', valueFormat: 'avro' },
    })
    const odd = readingOf({ partitions: '<img>', key: 'xml', value: '__proto__', uncommitted: 'yes' })
    expect(howToRead(odd)).toEqual({ keyFormat: 'auto', valueFormat: 'auto' })
    expect(odd.uncommitted).toBe(false)
  })

  it.each([
    ['latest', 'latest'],
    ['earliest', 'earliest'],
    ['1200', 'offset'],
    ['@-10m', 'time'],
  ])('begins at %s, which is %s', (from, start) => expect(startOf(from)).toBe(start))
})

describe('pairs that are typed', () => {
  it('stand a line each, and a value may hold the separator', () => {
    expect(pairsOf('source: by hand\n\n url:http://x:1 ', ':')).toEqual({
      pairs: [
        ['source', 'by hand'],
        ['url', 'http://x:1'],
      ],
      wrongLine: undefined,
    })
  })

  it('name the first line that is none', () => {
    expect(pairsOf('a=1\n=2\nc', '=')).toEqual({ pairs: [['a', '1']], wrongLine: 2 })
  })
})
