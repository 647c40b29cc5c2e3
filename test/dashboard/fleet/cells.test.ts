import fc from 'fast-check'
import { emptyCells, encodeCells, encodeJson, FrameKind } from '../../../src/dashboard/contract/fleet-frame'
import { cellAt, gridOf, neighbourOf, placeOf } from '../../../src/dashboard/page/fleet/cell-grid'
import { arranged, familyOf, type Wish } from '../../../src/dashboard/page/fleet/cell-order'
import { extentOf, figureTicks, nearestTo, timeTicks } from '../../../src/dashboard/page/fleet/chart-axes'
import { domainOf, palette, shadeOf, steadyDomain } from '../../../src/dashboard/page/fleet/colour-scale'
import { FleetModel } from '../../../src/dashboard/page/fleet/fleet-model'

const wish: Wish = { sort: 'key', group: 'none', states: new Set(), search: '' }

describe('the order of cells', () => {
  const names = ['10', '9', 'hall-2/a', 'hall-2/b', '101']
  const cells = {
    values: Float32Array.of(1, 5, Number.NaN, 3, 4),
    states: Uint8Array.of(1, 4, 1, 2, 1),
    ages: Uint8Array.of(1, 9, 2, 3, 4),
  }
  const order = (changes: object) =>
    arranged(names, cells, { ...wish, ...changes }).flatMap(each => each.cells.map(cell => names[cell]))

  it('is by key, figure, state or age', () => {
    expect(order({})).toEqual(['9', '10', '101', 'hall-2/a', 'hall-2/b'])
    expect(order({ sort: 'value' })).toEqual(['9', '101', 'hall-2/b', '10', 'hall-2/a'])
    expect(order({ sort: 'state' }).slice(0, 2)).toEqual(['9', 'hall-2/b'])
    expect(order({ sort: 'age' })[0]).toBe('9')
  })

  it('leaves out what is not asked for', () => {
    expect(order({ search: 'HALL' })).toEqual(['hall-2/a', 'hall-2/b'])
    expect(order({ states: new Set(['silent', 'stuck']) })).toEqual(['9', 'hall-2/b'])
    expect(arranged(names, cells, { ...wish, search: 'nothing' })).toEqual([])
  })

  it('can be in groups', () => {
    expect(arranged(names, cells, { ...wish, group: 'state' }).map(each => each.label)).toEqual([
      'silent',
      'stuck',
      'fine',
    ])
    expect(arranged(names, cells, { ...wish, group: 'name' }).map(each => each.label)).toEqual([
      '0–99',
      '100–199',
      'hall-2/',
    ])
    expect(familyOf('x')).toBe('others')
  })
})

describe('the grid', () => {
  it('has each cell at one place, where it is found again', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 40, max: 2000 }), fc.boolean(), (counts, width, labelled) => {
        let next = 0
        const sections = counts.map((count, i) => ({
          label: labelled ? `s${i}` : '',
          cells: Array.from({ length: count }, () => next++),
        }))
        const grid = gridOf(sections, width, 500)
        for (let cell = 0; cell < next; cell++) {
          const place = placeOf(grid, cell)
          if (place === undefined) throw new Error(`cell ${cell} has no place`)
          expect(cellAt(grid, place.x + 1, place.y + 1)).toBe(cell)
          expect(place.x + grid.pitch).toBeLessThanOrEqual(Math.max(width, grid.pitch))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is gone through by arrow keys', () => {
    const grid = gridOf(
      [
        { label: 'a', cells: [5, 6, 7, 8] },
        { label: 'b', cells: [9] },
      ],
      70,
      100,
    )
    expect(grid.columns).toBeGreaterThan(1)
    expect([
      neighbourOf(grid, undefined, 'ArrowDown'),
      neighbourOf(grid, 5, 'ArrowRight'),
      neighbourOf(grid, 9, 'Home'),
    ]).toEqual([5, 6, 5])
    expect(neighbourOf(grid, 9, 'ArrowUp')).not.toBe(9)
    expect([neighbourOf(grid, 5, 'ArrowUp'), neighbourOf(grid, 9, 'ArrowDown'), neighbourOf(grid, 5, 'End')]).toEqual([
      5, 9, 9,
    ])
  })
})

describe('colours', () => {
  it('reach from end to end, whatever single figures do', () => {
    const figures = Float32Array.from({ length: 200 }, (_, i) => (i === 0 ? 1e9 : 20 + (i % 10) / 2))
    expect(domainOf(figures)).toEqual({ low: 20, high: 25 })
    expect([
      shadeOf(20, { low: 20, high: 25 }),
      shadeOf(1e9, { low: 20, high: 25 }),
      shadeOf(Number.NaN, { low: 0, high: 1 }),
    ]).toEqual([0, palette.length - 1, -1])
    expect(domainOf(Float32Array.of(Number.NaN))).toBeUndefined()
    expect(shadeOf(3, { low: 3, high: 3 })).toBe(palette.length / 2)
  })

  it('do not change for a little', () => {
    const before = { low: 20, high: 25 }
    expect(steadyDomain(before, { low: 20.2, high: 25.2 })).toBe(before)
    expect(steadyDomain(before, { low: 0, high: 100 })).toEqual({ low: 0, high: 100 })
    expect(steadyDomain(before, undefined)).toBe(before)
  })
})

describe('FleetModel', () => {
  const viewOf = (frame: Uint8Array) => new DataView(frame.buffer, frame.byteOffset, frame.byteLength)

  it('keeps what it was told when keys are added, and not when the table is another', () => {
    const model = new FleetModel(() => 42)
    let drawn = 0
    model.onFrame(() => drawn++)
    const table = (id: number, first: number, cells: string[]) =>
      model.take(viewOf(encodeJson(FrameKind.table, { table: id, mode: 'keys', keys: 3, first, cells })))
    table(1, 0, ['a', 'b'])
    const cells = emptyCells(2)
    cells.values.set([7, 8])
    model.take(viewOf(encodeCells(1, 1000, cells, Uint32Array.of(0, 1))))
    table(1, 2, ['c'])
    expect([model.names, [...model.cells.values], model.atMs, model.cameMs]).toEqual([
      ['a', 'b', 'c'],
      [7, 8, Number.NaN],
      1000,
      42,
    ])
    model.take(viewOf(encodeCells(9, 2000, cells, Uint32Array.of(0))))
    expect(model.atMs).toBe(1000)
    table(2, 0, ['x'])
    expect([model.names, [...model.cells.values]]).toEqual([['x'], [Number.NaN]])
    expect(drawn).toBe(4)
  })
})

describe('the axes of a chart', () => {
  it('have round figures and times within their edges', () => {
    expect(figureTicks({ low: 18.7, high: 24.2 }, 5)).toEqual([20, 22, 24])
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, size) => {
          const high = low + size
          const ticks = figureTicks({ low, high }, 5)
          expect(ticks.length).toBeGreaterThan(1)
          expect(ticks.length).toBeLessThan(8)
          for (const tick of ticks) expect(tick >= low - size / 1e6 && tick <= high + size / 1e6).toBe(true)
        },
      ),
    )
    const hour = timeTicks({ low: 1_764_405_003_000, high: 1_764_408_603_000 }, 8)
    expect([hour.length, hour.every(each => each % 600_000 === 0)]).toEqual([6, true])
  })

  it('find the nearest point', () => {
    const x = [1, 2, 4, 8]
    expect([nearestTo(x, 0), nearestTo(x, 2.9), nearestTo(x, 3.1), nearestTo(x, 99), nearestTo([], 1)]).toEqual([
      0, 1, 2, 3, -1,
    ])
  })

  it('hold what can be seen, with some room', () => {
    expect(extentOf([1, 2, 3], [[0, 10, 1000]], { low: 1, high: 2 })).toEqual({ low: -0.8, high: 10.8 })
    expect(extentOf([1], [[null]], { low: 0, high: 9 })).toBeUndefined()
  })
})
