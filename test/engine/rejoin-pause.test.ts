import { RejoinPause } from '../../src/engine/worker/rejoin-pause'

describe('the pause before a fenced worker joins again', () => {
  let nowMs = 0
  const pause = () => new RejoinPause({ monotonic: () => nowMs })
  /** Pauses after generations that last so long each, ms. */
  const after = (rejoin: RejoinPause, ...lastedMs: number[]) =>
    lastedMs.map(ms => {
      rejoin.begin()
      nowMs += ms
      return rejoin.next()
    })

  it('doubles up to 30 s, whatever short generations commit', () => {
    expect(after(pause(), 0, 500, 5_000, 30_000, 1, 1, 1)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('begins anew after a generation that lasted', () => {
    expect(after(pause(), 0, 0, 30_001, 0)).toEqual([1_000, 2_000, 1_000, 2_000])
  })

  it('is not shorter for the time between two generations', () => {
    const rejoin = pause()
    expect(after(rejoin, 0)).toEqual([1_000])
    nowMs += 60_000
    expect(after(rejoin, 0)).toEqual([2_000])
  })
})
