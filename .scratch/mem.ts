import { setTimeout as sleep } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { load } from '../bench/harness/load'
import { runOnce } from '../bench/harness/run'
import { startServices } from '../bench/harness/services'
import { sensorsContestant, jobContestant } from '../bench/harness/weir'
async function main() {
  const services = await startServices()
  try {
    const own = await load({ topic: 'sensor_data', format: 'weir', readings: 2_000_000 }, services)
    const flagSets = (process.env.FLAGS ?? '').split('|')
    for (const flags of flagSets) {
      const c = sensorsContestant(own, services)
      const port = 29871
      const [node, ...rest] = c.command as string[]
      const contestant = { ...c, command: [node!, ...flags.split(' ').filter(Boolean), ...rest], environment: (r: string) => ({ ...c.environment(r), METRICS_PORT: String(port) }) }
      let done = false
      let peak = { rss: 0 } as Record<string, number>
      const watch = (async () => {
        for (; !done; await sleep(400)) {
          const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(r => r.text(), () => '')
          const get = (n: string) => Math.round(Number(new RegExp(`^${n} (\\S+)$`, 'm').exec(text)?.[1] ?? 0) / 1e6)
          const now = { rss: get('process_resident_memory_bytes'), heapTotal: get('nodejs_heap_size_total_bytes'), heapUsed: get('nodejs_heap_size_used_bytes'), external: get('nodejs_external_memory_bytes') }
          if (now.rss > peak.rss!) peak = now
        }
      })()
      const run = await runOnce(contestant, `${Date.now()}`, services)
      done = true
      await watch
      console.log(flags || '(none)', Math.round(run.rate), run.cpuPerMillion.toFixed(2), 'maxRss', Math.round(run.maxRssMb), JSON.stringify(peak), run.void ?? '')
    }
  } finally { await services.stop() }
}
main().then(() => process.exit(0), e => { console.error(e); process.exit(1) })
