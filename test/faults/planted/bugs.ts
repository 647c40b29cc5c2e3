import type { Bug } from './bug'
import { endBugs } from './end-bugs'

const road = 'src/engine/worker/commit-road.ts'
const line = 'src/engine/worker/end-line.ts'
const task = 'src/engine/task/task.ts'
const held = 'src/engine/task/held-record.ts'
const state = 'src/engine/task/task-state.ts'
const open = 'src/engine/worker/open-tasks.ts'
const ledger = 'src/connectors/kafka/write/transactional-ledger.ts'
const sender = 'src/connectors/kafka/write/record-sender.ts'
const generation = 'src/engine/worker/generation.ts'
const windows = 'src/operators/window-aggregate.ts'
const change = 'src/engine/worker/change-tasks.ts'
const assignor = 'src/engine/worker/assignor.ts'

const commits: readonly Bug[] = [
  {
    ...{ name: 'sinks-not-awaited', why: 'Kafka commits before the ends hold everything', file: road },
    from: '[this.commitSinks(checkpoints, trace), before]',
    to: '[this.commitSinks(checkpoints, trace).catch(() => {}) && before]',
  },
  {
    ...{ name: 'sink-error-swallowed', why: 'an end has failed and Kafka commits all the same', file: line },
    from: 'if (errors.length > 0) throw gravest()',
    to: '',
  },
  {
    ...{ name: 'commits-overlap', why: 'Kafka takes a commit before the one that came first', file: road },
    from: '[this.commitSinks(checkpoints, trace), before]',
    to: '[this.commitSinks(checkpoints, trace)]',
  },
  {
    ...{ name: 'ahead-of-its-commit', why: 'what comes behind a commit that waits is written before it', file: line },
    from: 'const waits = this.queue.length > 0 || (isCommit && this.isCommitting)',
    to: 'const waits = isCommit && this.isCommitting',
  },
  {
    ...{
      name: 'written-after-an-outage',
      why: 'an end that is back gets what is new before what had failed',
      file: line,
    },
    from: 'else if (away !== undefined || waits)',
    to: 'else if (waits)',
  },
  {
    ...{
      name: 'written-twice-at-once',
      why: 'what waits is not taken when it is written',
      file: 'src/engine/task/sink-outputs.ts',
    },
    from: 'if (isWritten) this.encoder.reset(mark)',
    to: '',
  },
  {
    ...{ name: 'offset-one-too-far', why: 'one record too many counts as processed', file: held },
    from: 'return { topic, partition, offset: position, metadata }',
    to: 'return { topic, partition, offset: position + 1, metadata }',
  },
  {
    ...{ name: 'offset-one-short', why: 'the last record is processed again', file: held },
    from: 'return { topic, partition, offset: position, metadata }',
    to: 'return { topic, partition, offset: Math.max(0, position - 1), metadata }',
  },
  {
    ...{ name: 'outputs-forgotten', why: 'a commit leaves out what the steps wrote', file: task },
    from: 'const outputs = [...this.outputs.take(), ...logged]',
    to: 'const outputs = this.commits % 7 === 6 ? (this.outputs.take(), logged) : [...this.outputs.take(), ...logged]',
  },
  {
    ...{ name: 'changelog-forgotten', why: 'state is not written to its changelog', file: task },
    from: 'const outputs = [...this.outputs.take(), ...logged]',
    to: 'const outputs = [...this.outputs.take()]',
  },
]

const rollbacks: readonly Bug[] = [
  {
    ...{ name: 'state-not-rolled-back', why: 'a failed commit leaves its changes in the stores', file: task },
    from: '    this.state.rollback()\n    this.outputs.reset(0)',
    to: '    this.outputs.reset(0)',
  },
  {
    ...{ name: 'outputs-not-rolled-back', why: 'a failed commit leaves its outputs for the next one', file: task },
    from: '    this.outputs.reset(0)\n',
    to: '',
  },
  {
    ...{ name: 'sinks-not-cleared', why: 'a failed commit leaves what waits for the ends', file: task },
    from: '    this.sinks.clear()\n    this.time',
    to: '    this.time',
  },
  {
    ...{ name: 'not-read-again', why: 'after a failed commit reading goes on where it was', file: task },
    from: '    this.judge.rollback()\n    this.seek(start)',
    to: '    this.judge.rollback()',
  },
  {
    ...{
      name: 'unsealed-state-kept',
      why: 'what was not committed stays in the state of a task that leaves',
      file: task,
    },
    from: '    this.state.rollback()\n    return this.state',
    to: '    return this.state',
  },
  {
    ...{ name: 'stale-state-reused', why: 'a task that comes back goes on with the state it had', file: open },
    from: 'if (start.offset !== offset || start.metadata !== metadata) return false',
    to: 'if (start === undefined) return false',
  },
  {
    ...{ name: 'ends-positions-ignored', why: 'what an end holds already is written again', file: open },
    from: 'task.skipBelow(kind, itemAt(at, i).topic, itemAt(positions, i))',
    to: '{}',
  },
  {
    ...{ name: 'end-not-aborted', why: 'what an end was given before a failure stays there', file: generation },
    from: '...parts.sinks.map(sink => sink.abort())',
    to: '',
  },
  {
    ...{ name: 'retained-not-written-again', why: 'what an end has forgotten stays forgotten', file: generation },
    from: 'for (const kind of this.forgotten.get(task) ?? []) opened.writeRetained(kind)',
    to: '',
  },
  {
    ...{ name: 'revoked-without-release', why: 'a generation that has ended goes on committing', file: generation },
    from: '    this.over.abort()\n    this.attempt?.loop.stop()',
    to: '',
  },
]

const restores: readonly Bug[] = [
  {
    ...{
      name: 'restore-skips-one',
      why: 'a restore that goes on leaves out a record',
      file: 'src/engine/worker/restorer.ts',
    },
    from: 'const from = job.done()',
    to: 'const from = job.done() && job.done() + 1',
  },
  {
    ...{ name: 'restore-from-nothing', why: 'a task starts without its state', file: 'src/engine/worker/restorer.ts' },
    from: 'for (let missing = apply(batch); missing !== undefined; missing = apply(batch)) await missing.load()',
    to: '',
  },
  {
    ...{
      name: 'restore-to-stable-end',
      why: 'a restore stops before the end of its changelog',
      file: 'src/connectors/kafka/read/read-partition.ts',
    },
    from: 'offsetAt({ ...options, readCommitted: false }, at, LATEST)',
    to: 'offsetAt(options, at, LATEST)',
  },
  {
    ...{ name: 'sealed-place-wrong', why: 'a state believes to have more of its changelog than it has', file: state },
    from: 'this.restoredTo.set(topic, offset)',
    to: 'this.restoredTo.set(topic, offset + 50)',
  },
  {
    ...{
      name: 'positions-unstable',
      why: 'offsets are read while a transaction may change them',
      file: 'src/connectors/kafka/group/stable-offsets.ts',
    },
    from: 'fetchOffsets(context, groupId, partitions, true, deadline)',
    to: 'fetchOffsets(context, groupId, partitions, false, deadline)',
  },
  {
    ...{
      name: 'aborted-read',
      why: 'records of aborted transactions are read',
      file: 'src/connectors/kafka/read/record-set.ts',
    },
    from: 'const filter = set.readCommitted ? new AbortFilter(set.aborted) : undefined',
    to: 'const filter = set.readCommitted ? new AbortFilter([]) : undefined',
  },
  {
    ...{
      name: 'batch-read-twice',
      why: 'a fetch begins at the batch that was read last',
      file: 'src/connectors/kafka/read/record-set.ts',
    },
    from: 'nextOffset = Math.max(nextOffset, lastOffset + 1)',
    to: 'nextOffset = Math.max(nextOffset, lastOffset)',
  },
]

const writes: readonly Bug[] = [
  {
    ...{ name: 'commit-before-writes', why: 'a transaction ends while its records are under way', file: ledger },
    from: 'const sent = await this.write(written, offsets, deadline)',
    to: 'const sent: WrittenOffsets = []; void this.write(written, offsets, deadline).catch(() => {})',
  },
  {
    ...{ name: 'generation-not-sent', why: 'offsets are committed for whoever asks, in any generation', file: ledger },
    from: 'txnOffsetCommit(id, member, marked)',
    to: "txnOffsetCommit(id, { ...member, generationId: -1, memberId: '' }, marked)",
  },
  {
    ...{ name: 'offsets-outside', why: 'the offsets are not in the transaction of the outputs', file: ledger },
    from: 'await this.begin(written, offsets.length > 0, deadline)',
    to: 'await this.begin(written, offsets.length > 0, deadline); if (written.length > 3) offsets = []',
  },
  {
    ...{ name: 'refused-batch-dropped', why: 'a batch that its leader refused is not sent again', file: sender },
    from: "if (cureOf(errorCode) === 'leader') this.cluster.forgetTopic(each.topic)",
    to: "if (cureOf(errorCode) === 'leader') each.parts.shift()",
  },
  {
    ...{ name: 'sequences-begin-anew', why: 'the broker cannot tell a repeated batch from a new one', file: sender },
    from: '    } catch (error) {\n      for (const each of pending) this.cluster.forgetTopic(each.topic)',
    to: '    } catch (error) {\n      for (const each of pending) this.cluster.forgetTopic(each.topic)\n      if (error instanceof ConnectionError) for (const each of pending) each.parts.shift()',
  },
]

const steps: readonly Bug[] = [
  {
    ...{ name: 'window-closed-early', why: 'the grace is not waited for', file: windows },
    from: 'const closeTime = this.times.slowest - this.graceMs\n',
    to: 'const closeTime = this.times.slowest\n',
  },
  {
    ...{ name: 'window-closed-twice', why: 'what was closed is not remembered', file: windows },
    from: '    closed.value = closeTime\n',
    to: '',
  },
  {
    ...{ name: 'times-not-written', why: 'how far time has come is not kept', file: state },
    from: '      this.writeTime(name, value, timestamp, outputs)\n    }\n    const segment',
    to: '    }\n    const segment',
  },
  {
    ...{ name: 'dead-letters-dropped', why: 'a bad record leaves nothing behind', file: task },
    from: '    this.judge.record(input, batch, index, step, error)\n',
    to: '',
  },
  {
    ...{
      name: 'misplaced-keys',
      why: 'a key goes to the partition that it came from',
      file: 'src/engine/task/topic-outputs.ts',
    },
    from: 'this.place(key === null || placed === undefined ? key : placed(key), partitions)',
    to: '(key === null || !hasTimes ? this.place(key, partitions) : this.keyless++ % partitions)',
  },
  {
    ...{ name: 'upstream-times-missing', why: 'those behind a repartition are not told of time', file: road },
    from: ', ...this.timeOutputs(checkpoints)]',
    to: ']',
  },
  {
    ...{ name: 'task-given-to-nobody', why: 'a rebalance forgets a task', file: 'src/engine/worker/assignor.ts' },
    from: 'for (const id of left) {',
    to: 'for (const id of loads.length > 1 ? left.slice(1) : left) {',
  },
]

const rebalances: readonly Bug[] = [
  {
    ...{ name: 'revoked-task-kept', why: 'a member goes on with a task that others are to have', file: change },
    from: '    await loop.leave(gone)\n',
    to: '',
  },
  {
    ...{ name: 'given-while-at-work', why: 'a task is given away before who has it has let go', file: assignor },
    from: 'if (workers.length === 0 || workers.includes(ready)) ready.active.push(id)\n  else ready.due.push(id)',
    to: 'ready.active.push(id)',
  },
]

/** As they are found nowhere but in a running engine: each would be a loss, a double or a standstill in somebody's data. */
export const bugs: readonly Bug[] = [
  ...commits,
  ...rollbacks,
  ...restores,
  ...writes,
  ...steps,
  ...rebalances,
  ...endBugs,
]
