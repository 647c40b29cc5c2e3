// The container's health: exit 0 while weir consumes. It asks by loopback where all addresses are served.
const port = process.env.METRICS_PORT ?? '9464'
const host = process.env.METRICS_HOST ?? '127.0.0.1'
const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
const answer = await fetch(`http://${asked}:${port}/health`)
process.stdout.write(await answer.text())
process.exitCode = answer.ok ? 0 : 1
