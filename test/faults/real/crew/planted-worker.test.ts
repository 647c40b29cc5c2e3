import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TopologyProcess } from '../../../scenarios/world/topology-process'

// Nobody listens there.
const nowhere = '127.0.0.1:1'

jest.setTimeout(90_000)

/** Else every planted bug would be taken for found. */
test('a worker with a bug in it starts as any other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-planted-'))
  const environment = {
    ...{ WEIR_PLANTED: 'offset-one-short', STATE_DIR: folder, KAFKA_BROKERS: nowhere },
    ...{ SCHEMA_REGISTRY_URL: `http://${nowhere}`, MQTT_URL: `mqtt://${nowhere}` },
    DATABASE_URL: `postgresql://nobody@${nowhere}/none`,
  }
  const worker = new TopologyProcess(environment, [], 'test/faults/real/crew/planted-worker.ts')
  try {
    await worker.logged(/Kafka does not answer/)
  } finally {
    worker.kill('SIGKILL')
    await worker.exited
    rmSync(folder, { recursive: true, force: true })
  }
})
