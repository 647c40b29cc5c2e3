import type { Bug } from './bug'

const positions = 'src/connectors/postgres/positions.ts'
const sink = 'src/connectors/postgres/postgres-sink.ts'
const mqttSink = 'src/connectors/mqtt/mqtt-sink.ts'
const connection = 'src/connectors/mqtt/mqtt-connection.ts'

const postgres: readonly Bug[] = [
  {
    ...{
      name: 'positions-not-compared',
      why: 'Postgres takes rows of whoever comes, at any position',
      file: positions,
    },
    from: "const movePositions = sql('move-positions')",
    to: "const movePositions = sql('move-positions').replace(/AND p.epoch = n.epoch\\s+AND p.next_offset = n.former_offset/, '')",
    faults: ['F4'],
  },
  {
    ...{
      name: 'position-not-told',
      why: "a takeover goes on at Kafka's offset and not at Postgres's position",
      file: positions,
    },
    from: '      return one.next\n',
    to: '      return task.offset\n',
    faults: ['F2', 'F8'],
  },
  {
    ...{ name: 'commit-error-swallowed', why: 'a COMMIT that has failed counts as done', file: sink },
    from: "await client.query('COMMIT')",
    to: "await client.query('COMMIT').catch(() => undefined)",
    faults: ['F8'],
  },
  {
    ...{ name: 'outage-taken-for-a-refusal', why: 'when Postgres goes away, a row is to blame', file: sink },
    from: 'if (this.broken || !isContent(error)) return error',
    to: `if (this.broken) return error
    if (!isContent(error)) {
      const [row] = transaction.rows()
      return row?.origin ? new ContentError('Postgres has refused the row', { service, position: row.origin }) : error
    }`,
    faults: ['F7'],
  },
]

const mqtt: readonly Bug[] = [
  {
    ...{
      name: 'acknowledgement-lost',
      why: 'who waits for an acknowledgement is not told that none will come',
      file: connection,
    },
    from: '    for (const waiter of this.waiters) this.settle(waiter, error)\n',
    to: '',
    faults: ['F9'],
  },
  {
    ...{
      name: 'acknowledgements-not-awaited',
      why: 'a commit does not wait for what the broker has',
      file: connection,
    },
    from: "      await this.until(() => this.window.proven >= sent, 'to acknowledge publishes')\n",
    to: '',
    faults: ['F10'],
    isSimulated: true,
  },
  {
    ...{ name: 'dropped-at-the-limit', why: 'what finds no room is dropped', file: connection },
    from: 'await this.send(chunk.frames)',
    to: 'if (!this.client.stream.writableNeedDrain) void this.send(chunk.frames).catch(() => undefined)',
    faults: ['F10'],
  },
  {
    ...{ name: 'messages-out-of-order', why: 'what is written together is sent in another order', file: connection },
    from: 'await this.send(chunk.frames)',
    to: `const { frames, ends, count } = chunk
      const each = Array.from({ length: count }, (_, i) => frames.subarray(i === 0 ? 0 : ends[i - 1], ends[i]))
      await this.send(Buffer.concat(each.reverse()))`,
    faults: ['F4'],
    isSimulated: true,
  },
  {
    ...{
      name: 'former-owner-stays',
      why: "a task's former owner keeps its connection beside the new one's",
      file: mqttSink,
    },
    from: 'version, clientId: ',
    to: 'version, clientId: Math.random() + ',
    faults: ['F4'],
    isSimulated: true,
  },
  {
    ...{ name: 'retained-not-asked-for', why: 'what a broker has forgotten is not written again', file: mqttSink },
    from: 'line.awaitsRetained = this.targets.some(({ retain }) => retain)',
    to: 'line.awaitsRetained = false',
    faults: ['F9'],
    isSimulated: true,
  },
  {
    ...{
      name: 'stale-retained-again',
      why: 'an old retained value is written behind the newest one after a restart',
      file: mqttSink,
    },
    from: 'await this.guarded(() => this.connectionOf(task).write(target as MqttTarget, chunk as FrameChunk))',
    to: `const link: any = this.connectionOf(task)
    await this.guarded(() => link.write(target as MqttTarget, chunk as FrameChunk))
    if (!(target as MqttTarget).retain) return
    const first: any = ((this as any).first ??= new Map())
    const [key, seen] = [task + target.name, (link.seen ??= new Set())]
    if (!first.has(key)) first.set(key, { link, chunk })
    else if (first.get(key).link !== link && !seen.has(key)) await this.guarded(() => link.write(target as MqttTarget, first.get(key).chunk))
    seen.add(key)`,
    faults: ['F9'],
  },
]

/** Bugs of what connects to Postgres and to an MQTT broker. */
export const endBugs: readonly Bug[] = [...postgres, ...mqtt]
