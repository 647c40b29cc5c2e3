// The container's health: exit 0 while weir consumes.
const port = process.env.METRICS_PORT ?? '9464'
const answer = await fetch(`http://127.0.0.1:${port}/health`)
process.stdout.write(await answer.text())
process.exitCode = answer.ok ? 0 : 1
