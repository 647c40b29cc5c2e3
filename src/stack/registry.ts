import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { javaPrograms, requireJava } from './downloads'
import { probeHttp } from './probes'
import type { Launch } from './processes'
import type { Service } from './service'
import { StackError } from './stack-error'

/** Apicurio Registry on an H2 file, written through at once: an id that a record in Kafka carries must always resolve. */
export const registry: Service = {
  name: 'registry',
  stopSignal: 'SIGTERM',
  require: requireJava,
  async prepare({ port }, { home, signal, progress }): Promise<Launch> {
    const programs = await javaPrograms(signal, progress)
    const data = join(home, 'registry')
    mkdirSync(data, { recursive: true })
    const jar = readdirSync(programs.registry).find(name => name.endsWith('-runner.jar'))
    if (jar === undefined)
      throw new StackError(`${programs.registry} holds no registry: delete the folder and start again`)
    const properties = [
      'quarkus.http.host=127.0.0.1',
      `quarkus.http.port=${port}`,
      `quarkus.datasource.jdbc.url=jdbc:h2:file:${join(data, 'registry')};WRITE_DELAY=0`,
    ]
    const heap = ['-Xms64m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    const args = [...heap, ...properties.map(property => `-D${property}`), '-jar', join(programs.registry, jar)]
    return { command: programs.java, args, cwd: data }
  },
  probe: ({ port }) => probeHttp(port, '/apis/ccompat/v7/subjects'),
}
