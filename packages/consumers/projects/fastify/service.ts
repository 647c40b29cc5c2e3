import { fastify } from 'fastify'
import { start } from 'weir-streams'
import clicks from './clicks.js'

const app = fastify({ logger: true })
const running = await start(clicks, { log: app.log })

app.get('/health', async (_, reply) => {
  const health = running.health()
  return reply.code(health.ok ? 200 : 503).send(health)
})
app.get('/metrics', () => running.metrics())
app.addHook('onClose', () => running.stop())
running.failed.catch(async error => {
  app.log.error(error)
  process.exitCode = 1
  await app.close()
})

process.once('SIGTERM', () => void app.close())
await app.listen({ port: Number(process.env.PORT ?? 0) })
