import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client } from 'pg'
import { type Contestant, limitFor } from './contestant'
import type { Load } from './load'
import { home, repository, type Services } from './services'
import { forget } from './weir'

const database = 'bench_peers'
/** Where the peers' builds and state go. */
const folder = resolve(process.env.PEERS_DIR || join(home, 'peers'))

/** The kit with the peers: `WEIR_PEERS`, else `../shared/peers`; undefined when it isn't there. */
export function peersKit(): string | undefined {
  const kit = resolve(process.env.WEIR_PEERS || join(repository, '../shared/peers'))
  return existsSync(join(kit, 'kstreams', 'start.sh')) ? kit : undefined
}

export interface Peer {
  readonly name: string
  /** Folder in the kit. */
  readonly peer: string
  readonly guarantee: string
  readonly windows: boolean
  readonly settings: NodeJS.ProcessEnv
}

const exactly = { GUARANTEE: 'exactly_once_v2' }

export const peers = {
  direct: {
    name: 'Kafka Streams, own MQTT frames',
    peer: 'kstreams',
    guarantee: 'exactly_once_v2',
    windows: true,
    settings: exactly,
  },
  hivemq: {
    name: 'Kafka Streams, HiveMQ client',
    peer: 'kstreams',
    guarantee: 'exactly_once_v2',
    windows: true,
    settings: { ...exactly, MQTT_CLIENT: 'hivemq' },
  },
  seed: { name: 'Python scripts (seed)', peer: 'seed', guarantee: 'none', windows: false, settings: {} },
} satisfies Record<string, Peer>

/** Runs the peer's own build; it does nothing when there is nothing to do. Throws with what it said. */
export function buildPeer(kit: string, { peer }: Peer): void {
  const build = join(kit, peer, 'build.sh')
  if (!existsSync(build)) return
  mkdirSync(folder, { recursive: true })
  process.stderr.write(`bench: building ${peer} (first time: downloads) ...\n`)
  const done = spawnSync(build, [], { env: { ...process.env, KIT: kit, PEERS_DIR: folder }, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) throw new Error(`${build} failed`)
}

/** The peers' tables have the names of weir's: they get a database of their own. */
export async function makePeersDatabase({ addresses }: Services): Promise<void> {
  const client = new Client({ connectionString: addresses.databaseUrl })
  await client.connect()
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database])
  if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`)
  await client.end()
}

const rollups = {
  sizeS: 10,
  graceS: 2,
  retained: false,
  mqtt: '10s',
  sql: 'SELECT sensor_id, window_start AS ws, count, min, max, avg FROM sensor_rollup',
}

/** A peer of the kit, started by its own start.sh against the services of this bench. */
export function peerContestant(kit: string, peer: Peer, load: Load, services: Services): Contestant {
  const { addresses } = services
  const [mqtt, postgres] = [new URL(addresses.mqttUrl), new URL(addresses.databaseUrl)]
  const group = (run: string) => `${peer.peer}-${run}`
  return {
    name: peer.name,
    guarantee: peer.guarantee,
    load,
    databaseUrl: addresses.databaseUrl.replace(/[^/]+$/, database),
    rawTable: 'sensor_data',
    rawSql: 'SELECT sensor_id, temperature, timestamp AS ts FROM sensor_data',
    distinct: 'sensor_id, timestamp',
    windows: peer.windows ? [rollups] : [],
    command: [join(kit, peer.peer, 'start.sh')],
    // The seed's scripts commit each row by itself.
    limitS: limitFor(load, 300),
    async prepare(db) {
      await db.query(`DROP TABLE IF EXISTS sensor_data, sensor_rollup, sink_offsets;
        CREATE TABLE sensor_data (sensor_id int, temperature float8, timestamp float8);
        CREATE TABLE sensor_rollup (sensor_id int, window_start float8, window_end float8, count bigint, min float8, max float8,
          avg float8, PRIMARY KEY (sensor_id, window_start))`)
    },
    environment: run => ({
      ...peer.settings,
      KIT: kit,
      PEERS_DIR: folder,
      KAFKA_BROKERS: addresses.kafkaBrokers,
      TOPIC: load.topic,
      GROUP: group(run),
      MQTT_HOST: mqtt.hostname,
      MQTT_PORT: mqtt.port,
      PG_HOST: postgres.hostname,
      PG_PORT: postgres.port,
      PG_USER: postgres.username,
      PG_DB: database,
    }),
    cleanUp: run => forget(services, group(run)),
  }
}
