import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

test.each([
  [['--workers', '0'], /--workers 0: give a whole number, 1 or more/],
  [['--workers', 'many'], /--workers many: give a whole number, 1 or more/],
  [['--workers', '2', '--accept-new-state'], /--accept-new-state is for one worker/],
  [['topology/none.ts'], /topology\/none\.ts/],
])(
  '%j is refused in one line, exit 2',
  (args, says) => {
    const run = [resolve('bin/run.mjs'), 'src/cli/programs/topology.ts', ...args]
    // Nobody answers there: what isn't refused would wait.
    const env = { ...process.env, KAFKA_BROKERS: '127.0.0.1:1' }
    const { status, stderr } = spawnSync(process.execPath, run, { encoding: 'utf8', env, timeout: 50_000 })
    expect([status, stderr.trim().split('\n')]).toEqual([2, [expect.stringMatching(says)]])
  },
  60_000,
)
