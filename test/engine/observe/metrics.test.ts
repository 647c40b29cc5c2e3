import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Registry } from 'prom-client'
import { createMetrics, metricSet } from '../../../src/engine/observe/metrics'
import { systemClock } from '../../../src/engine/task/clock'
import { hasPromtool, promtool } from '../../stack/promtool'
import { scene } from './scene'

/** A worker that has done something of everything, and what its metrics are made of. */
async function busy() {
  const { started, worker, vitals, outages, write, stop } = await scene()
  const options = { worker, vitals, outages, clock: systemClock, stalledMs: 30_000 }
  const metrics = createMetrics(options)
  write('a', 'poison', 'c')
  await started.settled()
  await started.until(() => vitals.last.nodes.some(({ name, passed }) => name === 'counts' && passed >= 2))
  outages.lost('registry', new Error('fetch failed'))
  return { options, metrics, stop }
}

test('/metrics: every family has its HELP, in both formats; a slow commit has its record as an exemplar', async () => {
  const { started, worker, vitals, outages, write, stop } = await scene()
  const metrics = createMetrics({ worker, vitals, outages, clock: systemClock, stalledMs: 30_000 })
  write('a', 'b', 'c')
  await started.settled()
  await started.until(() => vitals.last.nodes.some(({ name, passed }) => name === 'counts' && passed === 3))
  const plain = await metrics.text('text/plain')
  const open = await metrics.text('application/openmetrics-text; version=1.0.0')
  for (const { body } of [plain, open]) {
    const families = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    const helped = [...body.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name)
    expect(families.length).toBeGreaterThan(40)
    expect(helped).toEqual(families)
    expect(body).toMatch(/weir_step_records_total\{step="counts"\} 3/)
    expect(body).toMatch(/weir_lag_seconds\{task="0_0",topic="in",partition="0"\} 0/)
    expect(body).toMatch(/weir_store_entries\{task="0_0",store="counts"\} 1/)
    expect(body).toMatch(/weir_end_up\{end="rows",kind="[^"]*"\} 1/)
  }
  expect(open.body).toMatch(/weir_commit_seconds_bucket\{le="[^"]+"\} \d+ # \{topic="in",partition="0",offset="2"\}/)
  expect(open.body.endsWith('# EOF\n')).toBe(true)
  expect(plain.body).not.toContain(' # {')
  const served = new Set([...plain.body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  for (const file of ['prometheus/alerts.yml', 'prometheus/alerts.test.yml', 'grafana/dashboards/weir.json']) {
    const asked = readFileSync(resolve(__dirname, '../../../docker', file), 'utf8').match(/weir_\w+/g) ?? []
    expect(asked.length).toBeGreaterThan(5)
    expect(asked.filter(name => !served.has(name.replace(/_bucket$/, '')))).toEqual([])
  }
  await stop()
}, 20_000)

test('docs/operations.md has a table of all metrics as they are', async () => {
  const { options, stop } = await busy()
  const { registry } = metricSet(options, new Registry())
  // The library's types don't say what each metric knows of itself.
  const all = registry.getMetricsAsArray() as unknown as readonly Described[]
  const own = all.filter(({ name }) => name.startsWith('weir_')).sort((a, b) => (a.name < b.name ? -1 : 1))
  const types = await registry.getMetricsAsJSON()
  const typeOf = (name: string) => types.find(each => each.name === name)?.type
  const rows = own.map(({ name, help, labelNames }) =>
    [`\`${name}\``, typeOf(name), labelNames.map(label => `\`${label}\``).join(', '), help].join(' | '),
  )
  expect(rows.length).toBeGreaterThan(25)
  const head = '| metric | type | labels | what it says |\n|---|---|---|---|\n'
  const table = head + rows.map(row => `| ${row} |\n`).join('')
  const page = readFileSync(resolve(__dirname, '../../../docs/operations.md'), 'utf8')
  expect(/^\| metric \|(?:.*\n)+?(?=\n)/m.exec(page)?.[0]).toBe(table)
  await stop()
}, 20_000)

interface Described {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
}

;(hasPromtool('/metrics is') ? describe : describe.skip)('by promtool', () => {
  test('names, units and types of the text format keep to the rules of Prometheus', async () => {
    const { metrics, stop } = await busy()
    const { body } = await metrics.text('text/plain')
    expect(promtool(['check', 'metrics'], { input: body })).toEqual({ status: 0, text: '' })
    expect(promtool(['check', 'metrics'], { input: `${body}bad_metric_ms 1\n` }).status).not.toBe(0)
    await stop()
  }, 60_000)

  test('OpenMetrics is read by the parser of Prometheus, units and exemplars with it', async () => {
    const { metrics, stop } = await busy()
    const { body } = await metrics.text('application/openmetrics-text; version=1.0.0')
    await stop()
    expect(body).toMatch(/^# TYPE weir_lag_seconds gauge\n# UNIT weir_lag_seconds seconds$/m)
    // What makes blocks of it wants to know when each sample was.
    const timed = body.replace(/^([^#\s]\S*(?: [^#\s]+"\})? \S+)(?= #|$)/gm, `$1 ${Math.round(Date.now() / 1000)}`)
    const folder = mkdtempSync(join(tmpdir(), 'weir-openmetrics-'))
    const read = (text: string) => {
      writeFileSync(join(folder, 'metrics.txt'), text)
      return promtool([
        'tsdb',
        'create-blocks-from',
        'openmetrics',
        join(folder, 'metrics.txt'),
        join(folder, 'blocks'),
      ])
    }
    expect(read(timed)).toMatchObject({ status: 0 })
    expect(read(timed.replace('# EOF\n', '')).status).not.toBe(0)
    rmSync(folder, { recursive: true })
  }, 60_000)
})
