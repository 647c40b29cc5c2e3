import { Counter, Gauge } from 'prom-client'
import type { Tally } from '../worker/tally'
import type { Worker } from '../worker/worker'
import type { Registers } from './registers'

/** What a worker has counted. */
export function counters(tally: Tally, registers: Registers): void {
  const counter = (name: string, help: string, label: string | undefined, read: () => Iterable<[string, number]>) =>
    new Counter({
      name: `weir_${name}`,
      help,
      registers,
      labelNames: label === undefined ? [] : [label],
      collect() {
        this.reset()
        for (const [value, count] of read()) label === undefined ? this.inc(count) : this.inc({ [label]: value }, count)
      },
    })
  const one = (read: () => number) => (): [string, number][] => [['', read()]]
  counter('records_processed_total', 'Records processed; repeated ones count again.', 'task', () => tally.processed)
  counter('bad_records_total', 'Records that could not be read or processed.', 'topic', () => tally.badRecords)
  counter(
    'dead_letters_dropped_total',
    'Dead letters that their own topic refused: only the log tells of them.',
    'topic',
    () => tally.droppedLetters,
  )
  counter('sink_records_total', 'Records handed to ends outside Kafka.', 'target', () => tally.sinkRecords)
  counter('sink_bytes_total', 'Bytes handed to ends outside Kafka.', 'target', () => tally.sinkBytes)
  counter('windows_closed_total', 'Final results of windows that closed, by step.', 'step', () => tally.windowsClosed)
  counter(
    'late_records_total',
    'Windows that records came too late for, by step: each counts for each window that it missed.',
    'step',
    () => tally.late,
  )
  counter(
    'rollbacks_total',
    'Commits given up, whose records are processed again.',
    undefined,
    one(() => tally.rollbacks),
  )
  counter(
    'restored_records_total',
    'Changelog records read to restore state.',
    undefined,
    one(() => tally.restored),
  )
  counter(
    'generations_total',
    'Generations of the group that this worker took part in.',
    undefined,
    one(() => tally.generations),
  )
}

/** Times and stores of its tasks. */
export function states(worker: Worker, registers: Registers): void {
  const time = new Gauge({
    name: 'weir_stream_time_seconds',
    help: 'Stream time of a task, unix time.',
    registers,
    labelNames: ['task'],
    collect() {
      time.reset()
      size.reset()
      for (const [task, { task: each }] of worker.slots) {
        if (each.streamTime >= 0) time.set({ task }, each.streamTime / 1000)
        for (const [store, { size: entries }] of each.stores) size.set({ task, store }, entries)
      }
    },
  })
  new Gauge({
    name: 'weir_standby_lag_records',
    help: "Changelog records of another worker's task that its standby here has still to read.",
    registers,
    labelNames: ['task'],
    collect() {
      this.reset()
      for (const [task, lag] of Object.entries(worker.standbyLags))
        if (lag < Number.MAX_SAFE_INTEGER) this.set({ task }, lag)
    },
  })
  const size = new Gauge({
    name: 'weir_store_entries',
    help: 'Entries of a state store.',
    registers,
    labelNames: ['task', 'store'],
  })
}
