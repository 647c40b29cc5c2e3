import fc from 'fast-check'
import { PacketWindow } from '../../../src/connectors/mqtt/packet-window'

describe('PacketWindow', () => {
  it('proves in order, whatever the order of acknowledgements', () => {
    const window = new PacketWindow(4)
    const [a, b, c] = [window.send(), window.send(), window.send()]
    expect([a, b, c]).toEqual([1, 2, 3])
    expect(window.acknowledge(b)).toBe(1)
    expect(window.acknowledge(9)).toBe(-1)
    expect([window.proven, window.free]).toEqual([0, 1])
    expect(window.acknowledge(a)).toBe(0)
    expect([window.proven, window.free]).toEqual([2, 3])
    expect(window.acknowledge(a)).toBe(-1)
    expect(window.acknowledge(c)).toBe(2)
    expect([window.proven, window.sent, window.free]).toEqual([3, 3, 4])
  })

  it('never gives an identifier twice before its acknowledgement, nor 0, past the wrap at 65,535', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 50 }), picks => {
        const window = new PacketWindow(10)
        const underWay: number[] = []
        const nth = new Map<number, number>()
        for (let i = 0; i < 70_000; i++) {
          while (window.free === 0) {
            const [id] = underWay.splice(picks[i % picks.length]! % underWay.length, 1)
            if (window.acknowledge(id!) !== nth.get(id!)) throw new Error(`another publish than ${nth.get(id!)}`)
          }
          const id = window.send()
          if (id < 1 || id > 65_535 || underWay.includes(id)) throw new Error(`identifier ${id}`)
          underWay.push(id)
          nth.set(id, i)
        }
        for (const id of underWay) window.acknowledge(id)
        expect([window.sent, window.proven]).toEqual([70_000, 70_000])
      }),
      { numRuns: 5 },
    )
  })
})
