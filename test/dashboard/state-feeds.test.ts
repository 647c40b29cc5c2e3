import type { ApplicationList } from '../../src/dashboard/contract/applications'
import { applicationsFeed } from '../../src/dashboard/server/live/state-feeds'

test('applications take 40 kB a second of a connection, however many there are', () => {
  for (const bytes of [1_000, 34_000, 400_000]) {
    let ms = 0
    let told = 0
    let tick = () => {}
    const applications = {
      // Different each time, as the times in it are.
      list: (): ApplicationList =>
        ({ applications: [], complete: true, text: `${ms}`.padEnd(bytes) }) as unknown as ApplicationList,
      onTick: (listener: () => void) => {
        tick = listener
        return () => {}
      },
    }
    let isChanged = false
    const feed = applicationsFeed(
      { applications },
      () => (isChanged = true),
      () => ms,
    )
    const seconds = 60
    for (; ms < seconds * 1000; ms += 500) {
      tick()
      if (isChanged) told += JSON.stringify(feed.take() ?? '').length
      if (ms === 0) expect(told).toBeGreaterThan(bytes)
    }
    // The first is told at once, whatever it weighs.
    expect(told).toBeLessThan(40_000 * seconds + bytes + 200)
    expect(told).toBeGreaterThan(Math.min(bytes * 2, 30_000) * seconds * 0.8)
  }
})
