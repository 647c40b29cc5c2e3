import { median } from '../harness/report'

/** ms of CPU that this process has used: what others take from the machine meanwhile does not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Runs `work` once to warm up and some times more; it says how many records it did. Records a CPU second, the median. */
export function perSecond(work: () => number, times = 5): number {
  work()
  const rates: number[] = []
  for (let i = 0; i < times; i++) {
    const before = cpuMs()
    const records = work()
    rates.push((records / (cpuMs() - before)) * 1000)
  }
  return median(rates)
}
