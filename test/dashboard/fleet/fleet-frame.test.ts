import fc from 'fast-check'
import {
  ageCode,
  ageOf,
  type Cells,
  decodeCells,
  decodeJson,
  decodePoints,
  emptyCells,
  encodeCells,
  encodeJson,
  encodePoints,
  FrameKind,
} from '../../../src/dashboard/contract/fleet-frame'

const cell = fc.record({
  value: fc.float(),
  state: fc.integer({ min: 0, max: 5 }),
  age: fc.integer({ min: 0, max: 255 }),
})
const viewOf = (frame: Uint8Array) => new DataView(frame.buffer, frame.byteOffset, frame.byteLength)

function cellsOf(list: readonly { value: number; state: number; age: number }[]): Cells {
  return {
    values: Float32Array.from(list.map(({ value }) => value)),
    states: Uint8Array.from(list.map(({ state }) => state)),
    ages: Uint8Array.from(list.map(({ age }) => age)),
  }
}

describe('frames of cells', () => {
  it('bring the cells that changed, and leave the others', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 200 }), fc.infiniteStream(fc.boolean()), (list, picks) => {
        const cells = cellsOf(list)
        const changed = Uint32Array.from(list.keys()).filter(() => picks.next().value ?? false)
        const frame = encodeCells(7, 1234.5, cells, changed)
        const taken = emptyCells(list.length)
        const touched: number[] = []
        expect(decodeCells(viewOf(frame), 7, taken, each => touched.push(each))).toBe(1234.5)
        expect(touched.length).toBeGreaterThanOrEqual(changed.length)
        for (const i of changed)
          expect([taken.values[i], taken.states[i], taken.ages[i]]).toEqual([
            cells.values[i],
            cells.states[i],
            cells.ages[i],
          ])
        for (const i of list.keys()) if (!touched.includes(i)) expect(taken.values[i]).toBeNaN()
      }),
    )
  })

  it('are never larger than all cells, and 2,000 of them four times a second stay below 60 kB', () => {
    const cells = emptyCells(2000)
    const all = encodeCells(1, 0, cells, Uint32Array.from(cells.values.keys()))
    const one = encodeCells(1, 0, cells, Uint32Array.of(1999))
    expect(all[0]).toBe(FrameKind.cells)
    expect(all.length * 4).toBeLessThan(60_000)
    expect([one[0], one.length]).toEqual([FrameKind.changes, 24])
  })

  it('say cells beyond 65,536 by four bytes', () => {
    const cells = emptyCells(70_000)
    cells.values[69_999] = 3
    const frame = encodeCells(1, 5, cells, Uint32Array.of(69_999))
    const taken = emptyCells(70_000)
    decodeCells(viewOf(frame), 1, taken, () => {})
    expect(taken.values[69_999]).toBe(3)
  })

  it('of another table, or cut short, are of no use', () => {
    const frame = encodeCells(1, 5, emptyCells(3), Uint32Array.of(0, 1, 2))
    expect(decodeCells(viewOf(frame), 2, emptyCells(3), () => {})).toBeUndefined()
    expect(decodeCells(viewOf(frame.slice(0, -1)), 1, emptyCells(3), () => {})).toBeUndefined()
    expect(decodeCells(viewOf(frame.slice(0, 3)), 1, emptyCells(3), () => {})).toBeUndefined()
  })
})

describe('other frames', () => {
  it('hold any name', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), cells => {
        const table = { table: 1, mode: 'keys' as const, keys: cells.length, first: 0, cells }
        const frame = encodeJson(FrameKind.table, table)
        expect(decodeJson(viewOf(frame))).toEqual(table)
      }),
    )
  })

  it('hold points exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.double())), points => {
        const [times, values] = [points.map(each => each[0]), points.map(each => each[1])]
        const decoded = decodePoints(viewOf(encodePoints(0, times, values)))
        expect([[...decoded.timesMs], [...decoded.values]]).toEqual([times, values])
      }),
    )
  })

  it('say an age within 5 %, a tenth of a second to an hour', () => {
    fc.assert(
      fc.property(fc.double({ min: 100, max: 3_600_000, noNaN: true }), ageMs => {
        expect(Math.abs(ageOf(ageCode(ageMs)) - ageMs) / ageMs).toBeLessThan(0.05)
      }),
    )
    expect([ageCode(-5), ageCode(Number.NaN), ageCode(1e12)]).toEqual([0, 0, 255])
  })
})
