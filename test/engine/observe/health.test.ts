import { healthOf, readinessOf } from '../../../src/engine/observe/health'
import type { Worker } from '../../../src/engine/worker/worker'
import { silentLog } from '../../../src/log'
import { Outages } from '../../../src/outages'

const stalledMs = 30_000
const nowMs = 100_000

/** A worker that committed, turned and was answered just now, but for what is said. */
function health(
  more: Partial<Pick<Worker, 'state' | 'lastError' | 'lastHealthyAtMs' | 'pulse'>> = {},
  seenAtMs: readonly (number | undefined)[] = [],
) {
  const worker = {
    ...{ state: 'running', lastError: undefined, lastHealthyAtMs: nowMs, pulse: undefined },
    inputs: () => seenAtMs.map(each => ({ end: each === undefined ? undefined : { seenAtMs: each } })),
    ...more,
  }
  return healthOf(worker as unknown as Worker, nowMs, stalledMs)
}

describe('health', () => {
  it('is well as long as nothing stands still for longer than is allowed', () => {
    expect(health()).toEqual({ ok: true, state: 'running' })
    const justNow = nowMs - stalledMs
    expect(health({ lastHealthyAtMs: justNow, pulse: { turnAt: justNow } as Worker['pulse'] }, [justNow]).ok).toBe(true)
  })

  it('is not once the worker has given up or stopped, and says why', () => {
    const lastError = new Error('no such topic')
    expect(health({ state: 'failed', lastError })).toEqual({
      ...{ ok: false, state: 'failed', reason: 'the worker has given up: no such topic' },
    })
    expect(health({ state: 'stopped', lastError })).toEqual({
      ok: false,
      state: 'stopped',
      reason: 'the worker has stopped',
    })
  })

  it('is not while nothing is committed, the loop does not turn, or Kafka answers no fetch, and says for how long', () => {
    const longAgo = nowMs - stalledMs - 1
    expect(health({ lastHealthyAtMs: longAgo, lastError: new Error('refused') })).toEqual({
      ...{ ok: false, state: 'running', reason: 'nothing could be committed for 30 s (running): refused' },
    })
    expect(health({ pulse: { turnAt: longAgo } as Worker['pulse'] }).reason).toBe(
      'the processing loop has not turned for 30 s',
    )
    expect(health({}, [longAgo, longAgo]).reason).toBe('Kafka has not answered a fetch for 30 s')
  })

  it('says no more than it knows where no error was seen', () => {
    const longAgo = nowMs - stalledMs - 1_499
    expect(health({ state: 'failed' }).reason).toBe('the worker has given up')
    expect(health({ state: 'waiting', lastHealthyAtMs: longAgo }).reason).toBe(
      'nothing could be committed for 31 s (waiting)',
    )
    expect(health({ lastError: new Error('once') })).toEqual({ ok: true, state: 'running' })
  })

  it('names the loop before the commits, and those before the fetches', () => {
    const turnAt = nowMs - stalledMs - 1
    const all = { lastHealthyAtMs: turnAt, pulse: { turnAt } as Worker['pulse'] }
    expect(health(all, [turnAt]).reason).toMatch(/loop has not turned/)
    expect(health({ lastHealthyAtMs: turnAt }, [turnAt]).reason).toMatch(/could be committed/)
  })

  it('takes one partition that was answered for an answer, and none that was asked for no question', () => {
    const longAgo = nowMs - stalledMs - 1
    expect(health({}, [longAgo, nowMs]).ok).toBe(true)
    expect(health({}, [undefined]).ok).toBe(true)
    expect(health({}, [undefined, longAgo]).ok).toBe(false)
  })
})

describe('readiness', () => {
  it('names every service that is away, and the last error where none is', () => {
    const outages = new Outages({ log: silentLog })
    const lastError = new Error('fenced')
    expect(readinessOf({ state: 'opening', lastError }, outages).reason).toBe(
      'no records are processed (opening): fenced',
    )
    expect(readinessOf(undefined, outages)).toEqual({
      ...{ ok: false, state: 'starting', reason: 'no records are processed (starting)' },
    })
    expect(readinessOf({ state: 'running', lastError }, outages)).toEqual({ ok: true, state: 'running' })
    outages.lost('Kafka', new Error('gone'))
    outages.lost('Postgres', new Error('gone'))
    expect(readinessOf({ state: 'running', lastError }, outages)).toEqual({
      ...{ ok: false, state: 'running', reason: 'Kafka and Postgres do not answer' },
    })
  })
})
