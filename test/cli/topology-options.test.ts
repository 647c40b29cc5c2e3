import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

test.each([
  [2, ['--workers', '0'], /^weir: --workers 0: give a whole number, 1 or more/],
  [2, ['--workers', 'many'], /^weir: --workers many: give a whole number, 1 or more/],
  [2, ['--workers', '2', '--accept-new-state'], /^weir: --accept-new-state is for one worker/],
  [2, ['--many'], /^weir: unknown option '--many'$/],
  [3, ['topology/none.ts'], /^weir: file "topology\/none\.ts" does not exist$/],
  [3, ['topology'], /^weir: "topology" is a folder: name a file$/],
  [2, ['topology/none.ts', 'topology/nor.ts'], /^weir: file "topology\/none\.ts" .*; and file "topology\/nor\.ts"/],
])(
  'exit %d: %j is refused in one line',
  (code, args, says) => {
    const run = [resolve('bin/run.mjs'), 'src/cli/programs/topology.ts', ...args]
    // Nobody answers there: what isn't refused would wait.
    const env = { ...process.env, KAFKA_BROKERS: '127.0.0.1:1' }
    const { status, stderr } = spawnSync(process.execPath, run, { encoding: 'utf8', env, timeout: 50_000 })
    expect([status, stderr.trim().split('\n')]).toEqual([code, [expect.stringMatching(says)]])
  },
  60_000,
)
