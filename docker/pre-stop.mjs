// Before a worker of the application is stopped: waits, at most 60 s, until each task's state is followed closely by another worker, so that what this
// one has needn't be read anew. `node docker/pre-stop.mjs sensors`; where there are no standbys, there is nothing to wait for.
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const [application] = process.argv.slice(2)
const check = ['bin/weir.mjs', 'groups', 'describe', application, '--require-standbys']
const end = Date.now() + (Number(process.env.NUM_STANDBY_REPLICAS ?? 0) > 0 ? 60_000 : 0)
// 5: some state is followed by nobody yet. Whatever else it is, waiting wouldn't mend it.
while (Date.now() < end && spawnSync(process.execPath, check, { stdio: 'ignore', timeout: 20_000 }).status === 5)
  await sleep(1_000)
