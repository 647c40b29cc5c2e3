import { prettyJson } from '../../../src/dashboard/page/lib/pretty-json'
import { areaOf, pathOf } from '../../../src/dashboard/page/lib/spark-path'
import { visibleRows } from '../../../src/dashboard/page/lib/visible-rows'

describe('visible rows', () => {
  it('are few of many, and the rest is room', () => {
    const { first, end, above, below } = visibleRows(10_000, 32, 160_000, 640, 8)
    expect([first, end]).toEqual([4992, 5028])
    expect(above + (end - first) * 32 + below).toBe(10_000 * 32)
  })
  it('end with the list, also scrolled past it', () => {
    expect(visibleRows(3, 32, 0, 640)).toEqual({ first: 0, end: 3, above: 0, below: 0 })
    expect(visibleRows(3, 32, 9000, 640)).toEqual({ first: 3, end: 3, above: 96, below: 0 })
    expect(visibleRows(0, 32, 0, 640)).toEqual({ first: 0, end: 0, above: 0, below: 0 })
  })
})

describe('JSON', () => {
  it('is set over several lines where it is long', () => {
    const text =
      '{"sensor":"7","readings":[1,2,3],"about":{"where":"a long name of a place","by":"somebody who was there"}}'
    expect(prettyJson(text)).toBe(
      [
        '{',
        '  "sensor": "7",',
        '  "readings": [1, 2, 3],',
        '  "about": {',
        '    "where": "a long name of a place",',
        '    "by": "somebody who was there"',
        '  }',
        '}',
      ].join('\n'),
    )
  })
  it('keeps every letter that is no white space', () => {
    const text = '{"n":12345678901234567890,"d":1.50,"s":"a, b: {c} \\" [d]","e":[],"o":{}}'
    const bare = (of: string) => of.replace(/[\s]/g, '')
    expect(bare(prettyJson(text))).toBe(bare(text))
    expect(prettyJson(text)).toContain('12345678901234567890')
  })
  it('is left alone where it is none', () => {
    expect(prettyJson('حسگر ۷')).toBe('حسگر ۷')
    expect(prettyJson('<b>{no}</b>')).toBe('<b>{no}</b>')
    expect(prettyJson('{"a":1} and more')).toBe('{"a":1} and more')
    expect(prettyJson('['.repeat(100_000))).toBe('['.repeat(100_000))
  })
  it('that was cut is shown as far as it goes', () => {
    expect(prettyJson('{"a":[1,2,"thr')).toBe('{ "a": [1, 2, "thr')
  })
})

describe('a line', () => {
  it('goes from nought to the largest value, with holes', () => {
    expect(pathOf([0, 5, 10], 100, 20)).toBe('M0 20L50 10L100 0')
    expect(pathOf([10, null, 10], 100, 20)).toBe('M0 0M100 0')
    expect(pathOf([0, 0], 100, 20)).toBe('M0 20L100 20')
    expect(pathOf([], 100, 20)).toBe('')
    expect(areaOf([10, 10], 100, 20)).toBe('M0 20L0 0L100 0L100 20Z')
  })
})
