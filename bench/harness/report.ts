import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { readConfig } from '../../src/config'
import { machineCpu } from './proc'
import type { Run } from './run'
import { repository } from './services'

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median of each figure over the runs of one contestant that count. */
export interface Summary {
  readonly name: string
  readonly guarantee: string
  readonly readings: number
  readonly counted: number
  readonly runs: number
  readonly rate: number
  readonly rateFrom: number
  readonly rateTo: number
  readonly rateFromFirst: number
  readonly cpu: number
  readonly kafka: number
  readonly postgres: number
  readonly mqtt: number
  readonly maxRssMb: number
  readonly noise: number
}

export function summarize(runs: readonly Run[]): Summary[] {
  const names = [...new Set(runs.map(run => run.contestant))]
  return names.map(name => {
    const all = runs.filter(run => run.contestant === name)
    const counted = all.filter(run => run.void === undefined)
    const of = (figure: (run: Run) => number) => (counted.length === 0 ? Number.NaN : median(counted.map(figure)))
    const rates = counted.map(run => run.rate)
    return {
      name,
      guarantee: all[0]!.guarantee,
      readings: all[0]!.readings,
      counted: counted.length,
      runs: all.length,
      rate: of(run => run.rate),
      rateFrom: Math.min(...rates),
      rateTo: Math.max(...rates),
      rateFromFirst: of(run => run.rateFromFirst),
      cpu: of(run => run.cpuPerMillion),
      kafka: of(run => run.servicesPerMillion.kafka),
      postgres: of(run => run.servicesPerMillion.postgres),
      mqtt: of(run => run.servicesPerMillion.mqtt),
      maxRssMb: of(run => run.maxRssMb),
      noise: of(run => run.noise),
    }
  })
}

const whole = (value: number) => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–')
export const decimals = (value: number, places = 1) => (Number.isFinite(value) ? value.toFixed(places) : '–')

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => row[i]!.length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(head), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}

export function summaryTable(summaries: readonly Summary[]): string {
  const head = ['contestant', 'guarantee', 'readings', 'runs', 'readings/s from start (range)', 'from first output']
  const cpu = ['CPU-s/M app', 'Kafka', 'Postgres', 'MQTT', 'max RSS MB', 'noise, cores']
  const rows = summaries.map(each => [
    each.name,
    each.guarantee,
    whole(each.readings),
    `${each.counted} of ${each.runs}`,
    `${whole(each.rate)} (${whole(each.rateFrom)}–${whole(each.rateTo)})`,
    whole(each.rateFromFirst),
    ...[each.cpu, each.kafka, each.postgres, each.mqtt].map(value => decimals(value)),
    whole(each.maxRssMb),
    decimals(each.noise, 2),
  ])
  return markdown([...head, ...cpu], rows)
}

/** A figure against what it has to reach. */
export interface Ratio {
  readonly what: string
  readonly floor: number
  readonly aim: number
  readonly value: number
  /** Why it doesn't count. */
  readonly void?: string | undefined
  /** Whether less is better. */
  readonly less?: boolean
  readonly unit?: string
}

export function verdict({ value, floor, aim, less = false, void: why }: Ratio): string {
  if (why !== undefined) return `void: ${why}`
  if (!Number.isFinite(value)) return 'not measured'
  const reached = (mark: number) => (less ? value <= mark : value >= mark)
  return reached(aim) ? 'aim reached' : reached(floor) ? 'above the floor' : 'below the floor'
}

export function ratioTable(ratios: readonly Ratio[]): string {
  const show = (value: number, { unit = '' }: Ratio) =>
    `${value >= 1000 ? whole(value) : decimals(value, 2).replace(/\.00$/, '')}${unit}`
  const rows = ratios.map(ratio => [
    ratio.what,
    show(ratio.floor, ratio),
    show(ratio.aim, ratio),
    Number.isFinite(ratio.value) ? show(ratio.value, ratio) : '–',
    verdict(ratio),
  ])
  return markdown(['', 'floor', 'aim', 'measured', ''], rows)
}

/** How fast the core is just now: CPU ms of one fixed loop. */
export function fixedWorkMs(): number {
  const before = process.cpuUsage()
  let x = 0
  for (let i = 0; i < 200_000_000; i++) x = (Math.imul(x, 31) + i) | 0
  const { user } = process.cpuUsage(before)
  return Math.round(user / 1000) + (x & 0)
}

/** What the figures were measured on. */
export function machine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} x ${cpu?.model ?? 'CPU'}, ${memory} GiB, Node ${process.version}, ${process.platform} ${process.arch}`
}

const build = () => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: repository, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** What figures are told with: when, on what and by which build they were measured, under which settings. */
export function origin() {
  const { guarantee, commitIntervalMs } = readConfig(process.env)
  const found = { date: new Date().toISOString(), machine: machine(), build: build(), guarantee, commitIntervalMs }
  const measured = `${found.date.slice(0, 16)}Z, ${found.machine}, build ${found.build}`
  return { ...found, heading: `${measured}; guarantee ${guarantee}, commit interval ${commitIntervalMs} ms` }
}

/** What the runs of a bench say, for people and for machines. */
export function reportOf(runs: readonly Run[], ratios: readonly Ratio[]) {
  const summaries = summarize(runs)
  const { heading, ...about } = origin()
  const text = [heading, summaryTable(summaries), ratioTable(ratios)].join('\n\n')
  return { text, ...about, summaries, ratios, runs }
}

/** Median of a contestant's readings/s over the runs that count; NaN where none does. */
export function rateOf(runs: readonly Run[], name: string): number {
  const counted = runs.filter(run => run.contestant === name && run.void === undefined)
  return counted.length === 0 ? Number.NaN : median(counted.map(run => run.rate))
}

/** Waits until less than a quarter of a core is used for two seconds, or for `limitS`. */
export async function quiet(limitS: number): Promise<void> {
  const end = Date.now() + limitS * 1000
  for (let calm = 0; calm < 2 && Date.now() < end; ) {
    const before = machineCpu()
    await new Promise(resolve => setTimeout(resolve, 1000))
    calm = machineCpu() - before < 0.25 ? calm + 1 : 0
  }
}
