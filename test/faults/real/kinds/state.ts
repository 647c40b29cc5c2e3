import {
  closeSync,
  cpSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Slot } from '../crew/slot'
import { type Scene, START_MS } from '../scene'
import type { Kind } from './kind'

const LOSSES = 2
const PAGE = 4096

/** Files of the copies on disk of a worker's stores. */
export function copiesOf({ stateDir }: Slot): string[] {
  if (!existsSync(stateDir)) return []
  const names = readdirSync(stateDir, { recursive: true, encoding: 'utf8' })
  return names.filter(name => basename(name) === 'data.mdb').map(name => join(stateDir, name))
}

function over(file: string, from: number, bytes: Buffer): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, bytes, 0, bytes.length, from)
  closeSync(handle)
}

type Random = Scene['random']

/** What may become of the state of a worker that is down; each says what it has done. */
const losses: readonly ((slot: Slot, files: readonly string[], random: Random) => string)[] = [
  ({ stateDir }) => {
    rmSync(stateDir, { recursive: true, force: true })
    return 'its folder deleted'
  },
  (_, files, random) => {
    const some = files.filter(() => random.chance(0.5))
    for (const file of some) rmSync(dirname(file), { recursive: true, force: true })
    return `${some.length} of ${files.length} copies deleted`
  },
  (_, files, random) => {
    for (const file of files) {
      const handle = openSync(file, 'r+')
      ftruncateSync(handle, random.whole(0, statSync(file).size - 1))
      closeSync(handle)
    }
    return `${files.length} files truncated`
  },
  (_, files, random) => {
    for (const file of files) over(file, 0, Buffer.alloc(random.pick([64, PAGE, 2 * PAGE]), random.whole(0, 255)))
    return `the heads of ${files.length} files overwritten`
  },
]

/** A copy that is put back is a good one of a while ago. */
async function putBack(slot: Slot, random: Random): Promise<string> {
  const aside = `${slot.stateDir}.aside`
  rmSync(aside, { recursive: true, force: true })
  cpSync(slot.stateDir, aside, { recursive: true })
  await slot.start().working(1, START_MS)
  await sleep(random.whole(1_000, 4_000))
  slot.kill()
  await slot.worker?.exited
  rmSync(slot.stateDir, { recursive: true, force: true })
  cpSync(aside, slot.stateDir, { recursive: true })
  return 'its folder is one of a while ago'
}

async function lose(scene: Scene, slot: Slot): Promise<string> {
  const { random } = scene
  await sleep(random.whole(0, 1_500))
  slot.kill()
  await slot.worker?.exited
  const files = copiesOf(slot)
  if (files.length === 0) throw new Error(`${slot.name} has no state on disk, so that it can lose none`)
  const how = random.whole(0, losses.length)
  const told = (await losses[how]?.(slot, files, random)) ?? (await putBack(slot, random))
  await slot.start().working(1, START_MS)
  await sleep(random.whole(0, 2_000))
  return `${slot.name}: ${told}`
}

export const stateLoss: Kind = {
  id: 'F19',
  title: 'SIGKILL of a worker, and its state on disk deleted, truncated, damaged or an old one',
  async strike(scene) {
    const told: string[] = []
    for (let i = 0; i < LOSSES; i++)
      told.push(await lose(scene, scene.random.pick(scene.crew.filter(({ isOnDisk }) => isOnDisk))))
    return { what: told.join(', ') }
  },
}
