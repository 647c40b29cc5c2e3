import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** User-space clock ticks per second: fixed at 100 in Linux's interface to /proc (USER_HZ). */
const ticksPerSecond = 100
const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }))

interface Stat {
  readonly parent: number
  /** Seconds of CPU, of the process and the children that it has waited for. */
  readonly cpu: number
  readonly rssBytes: number
}

export type Processes = ReadonlyMap<number, Stat>

function fieldsOf(pid: number | 'self'): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program's name, in parentheses, may hold blanks and parentheses itself.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Every process of the machine at this moment (proc_pid_stat(5): fields 4, 14 to 17, 24). */
export function processes(): Processes {
  const found = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    try {
      const fields = fieldsOf(pid)
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
      found.set(pid, {
        parent: Number(fields[1]),
        cpu: ticks / ticksPerSecond,
        rssBytes: Number(fields[21]) * pageBytes,
      })
    } catch {
      // It has ended meanwhile.
    }
  }
  return found
}

/** The process and all below it. */
export function treeOf(root: number, all: Processes): number[] {
  const children = new Map<number, number[]>()
  for (const [pid, { parent }] of all) children.set(parent, [...(children.get(parent) ?? []), pid])
  const found: number[] = []
  const waiting = [root]
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    if (all.has(pid)) found.push(pid)
    waiting.push(...(children.get(pid) ?? []))
  }
  return found
}

const sumOver = (root: number, all: Processes, of: (stat: Stat) => number): number =>
  treeOf(root, all).reduce((sum, pid) => sum + of(all.get(pid)!), 0)

/** Seconds of CPU that a process and all below it have used so far. */
export const treeCpu = (root: number, all: Processes): number => sumOver(root, all, stat => stat.cpu)

/** Resident bytes of a process and all below it. */
export const treeRss = (root: number, all: Processes): number => sumOver(root, all, stat => stat.rssBytes)

/** Seconds of CPU of this process's children that have ended, with all that they waited for: what wait4(2) would report. */
export function endedChildrenCpu(): number {
  const fields = fieldsOf('self')
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/** Seconds of CPU that the whole machine has used since it started, without idling and waiting for disks. */
export function machineCpu(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0]!
  const [user, nice, system, , , irq, softirq, steal] = line.trim().split(/\s+/).slice(1).map(Number) as number[]
  return (user! + nice! + system! + irq! + softirq! + (steal ?? 0)) / ticksPerSecond
}
