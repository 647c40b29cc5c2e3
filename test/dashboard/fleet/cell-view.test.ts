import fc from 'fast-check'
import { ageCode, type Cells } from '../../../src/dashboard/contract/fleet-frame'
import { bucketCount, CellView, compareKeys } from '../../../src/dashboard/server/fleet/cell-view'
import { KeyStates } from '../../../src/dashboard/server/fleet/key-states'
import { bytesPerSecond, Pace } from '../../../src/dashboard/server/live/pace'

function fleetOf(count: number, textOf = (key: number) => String(key + 1)) {
  const states = new KeyStates()
  for (let key = 0; key < count; key++) states.take(key, key, 1e12, 1e12)
  return { count, states, atMs: 1e12 + 500, text: textOf }
}

describe('the cells of a view', () => {
  it('are the keys in the order in which they came, and new ones are added', () => {
    const fleet = fleetOf(3)
    const view = new CellView(fleet)
    expect(view.takeTable(0)).toEqual({ table: 1, mode: 'keys', keys: 3, first: 0, cells: ['1', '2', '3'] })
    expect([...view.update()]).toEqual([0, 1, 2])
    expect(view.takeTable(0)).toBeUndefined()
    expect([...view.update()]).toEqual([])
    fleet.states.take(3, 9, 1e12, 1e12)
    fleet.states.take(1, 77, 1e12 + 400, 1e12 + 400)
    fleet.count = 4
    expect(view.takeTable(0)).toMatchObject({ table: 1, first: 3, cells: ['4'] })
    expect([...view.update()]).toEqual([1, 3])
    expect(view.told.cells.values[1]).toBe(77)
    expect(view.told.cells.ages[1]).toBe(ageCode(100))
  })

  it('are told again when a reading comes that has the same value: it is younger', () => {
    const fleet = fleetOf(2)
    const view = new CellView(fleet)
    view.takeTable(0)
    view.update()
    fleet.states.take(1, 1, 1e12 + 300, 1e12 + 300)
    expect([...view.update()]).toEqual([1])
  })

  it('are buckets of neighbours beyond 5,000 keys: their mean, and what stands out most', () => {
    const fleet = fleetOf(100_000)
    fleet.states.code.set(99_999, 4)
    const view = new CellView(fleet)
    const table = view.takeTable(10_000)
    expect([table?.mode, table?.cells.length, table?.cells[0], table?.cells.at(-1)]).toEqual([
      'buckets',
      bucketCount,
      ['1', '50', 50],
      ['99951', '100000', 50],
    ])
    view.update()
    const { values, states }: Cells = view.told.cells
    expect([values[0], states[0], states[bucketCount - 1]]).toEqual([24.5, 0, 4])
  })

  it('of a bucket that is opened are its keys', () => {
    const view = new CellView(fleetOf(100_000), { from: '51', to: '100' })
    const table = view.takeTable(10_000)
    expect([table?.mode, table?.cells.length, table?.cells[0], table?.cells.at(-1)]).toEqual(['keys', 50, '51', '100'])
    view.update()
    expect(view.told.cells.values[0]).toBe(50)
  })

  it('hold every key in exactly one bucket, in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 5_001, maxLength: 5_200, size: 'max' }), texts => {
        const view = new CellView(fleetOf(texts.length, key => texts[key] ?? ''))
        const cells = view.takeTable(10_000)?.cells ?? []
        const sorted = [...texts].sort(compareKeys)
        let at = 0
        for (const cell of cells) {
          if (typeof cell === 'string') throw new Error('no bucket')
          expect([cell[0], cell[1]]).toEqual([sorted[at], sorted[at + cell[2] - 1]])
          at += cell[2]
        }
        expect(at).toBe(texts.length)
      }),
      { numRuns: 3 },
    )
  })

  it('come in the order of numbers, then of texts', () => {
    expect(['b', '10', '9', 'a', '-1'].sort(compareKeys)).toEqual(['-1', '9', '10', 'a', 'b'])
  })
})

describe('the pace of a connection', () => {
  it('keeps any messages within the rate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20, max: 30_000 }), { minLength: 1, maxLength: 200 }), sizes => {
        const pace = new Pace()
        let [sent, next] = [0, 0]
        for (let now = 0; now < 60_000; now += 50) {
          if (pace.waitMs(now) > 0) continue
          const bytes = sizes[next++ % sizes.length] ?? 0
          pace.sent(bytes, now)
          sent += bytes
        }
        expect(sent).toBeLessThan(bytesPerSecond * 61 + 30_000)
      }),
    )
  })
})
