import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { hasPromtool, promtool } from './promtool'

jest.setTimeout(60_000)

const folder = resolve(__dirname, '../../docker/prometheus')
const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8'))

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
}
interface AlertTest {
  readonly alertname: string
  readonly exp_alerts?: readonly unknown[]
}

const rules: readonly Rule[] = read('alerts.yml').groups.flatMap((group: { rules: readonly Rule[] }) => group.rules)
const tests: readonly AlertTest[] = read('alerts.test.yml').tests.flatMap(
  (each: { alert_rule_test: readonly AlertTest[] }) => each.alert_rule_test,
)

/** Runs the alerts' own tests against rules of which one is another. */
function withRule(alert: string, changed: Omit<Rule, 'alert'>) {
  const copy = mkdtempSync(join(tmpdir(), 'weir-alerts-'))
  cpSync(folder, copy, { recursive: true })
  const replaced = rules.map(rule => (rule.alert === alert ? { ...rule, for: '0s', ...changed } : rule))
  writeFileSync(join(copy, 'alerts.yml'), stringify({ groups: [{ name: 'weir', rules: replaced }] }))
  const told = promtool(['test', 'rules', 'alerts.test.yml'], { cwd: copy })
  rmSync(copy, { recursive: true })
  return told
}

test('there is a test of each alert that fires, and one that does not', () => {
  const names = rules.map(({ alert }) => alert).sort()
  const of = (fires: boolean) => tests.filter(each => (each.exp_alerts !== undefined) === fires)
  for (const fires of [true, false])
    expect([...new Set(of(fires).map(({ alertname }) => alertname))].sort()).toEqual(names)
  expect(names.length).toBeGreaterThan(9)
})

;(hasPromtool('alert rules, and what Prometheus scrapes, are') ? describe : describe.skip)('by promtool', () => {
  test('the configuration and the rules that it names are valid', () => {
    const { status, text } = promtool(['check', 'config', 'prometheus.yml'], { cwd: folder })
    expect([status, text]).toEqual([0, expect.stringContaining(`SUCCESS: ${rules.length} rules found`)])
  })

  test('every alert fires when it should, with the words that it should, and at no other time', () => {
    const { status, text } = promtool(['test', 'rules', 'alerts.test.yml'], { cwd: folder })
    expect([status, text]).toEqual([0, expect.stringContaining('SUCCESS')])
  })

  test.each(rules.map(({ alert }) => alert))('the tests of %s notice when it never fires, or always', alert => {
    for (const expr of ['vector(1) < 0', 'vector(1)']) {
      const { status, text } = withRule(alert, { expr })
      expect([expr, status, text]).toEqual([expr, 1, expect.stringContaining(`alertname: ${alert}`)])
    }
  })

  test('a rule with a mistake is refused', () => {
    const { status, text } = withRule('WeirConsumerStopped', { expr: 'weir_up === 0' })
    expect([status, text]).toEqual([1, expect.stringContaining('parse error')])
  })
})
