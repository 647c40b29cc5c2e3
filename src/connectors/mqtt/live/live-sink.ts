import { SinkError } from '../../../errors'
import type { Chunk, EndSettings, Sink, SinkTask, Target } from '../../sink'
import type { FrameChunk } from '../frame-encoder'
import { service } from '../mqtt-client'
import { createMqttSink, type MqttSinkOptions } from '../mqtt-sink'
import type { MqttTarget } from '../mqtt-target'
import { LiveLine } from './live-line'

type LiveSinkOptions = MqttSinkOptions & Pick<EndSettings, 'log' | 'outages'>

/**
 * The sink of MQTT targets that keep only the latest value of each topic: no commit waits for it, and however slow or long away the broker is, it
 * holds nothing up. Each task has connections of its own, under client ids that differ from those of other targets.
 */
export class LiveSink implements Sink {
  onForgotten?: (task: string) => void
  private readonly lines = new Map<string, LiveLine>()

  constructor(
    readonly targets: readonly MqttTarget[],
    private readonly options: LiveSinkOptions,
  ) {}

  async open(tasks: readonly SinkTask[]): Promise<number[]> {
    for (const task of new Map(tasks.map(each => [each.task, each])).values()) {
      const known = this.lines.get(task.task)
      if (known !== undefined && known.fenced === undefined) continue
      await known?.leave()
      this.lines.set(task.task, this.lineOf(task))
    }
    return tasks.map(() => 0)
  }

  async write(task: string, target: Target, chunk: Chunk): Promise<void> {
    const line = this.lines.get(task)
    if (line === undefined) throw new SinkError(`${service}: task ${task} was not opened`, { task, service })
    line.offer(target as MqttTarget, chunk as FrameChunk)
  }

  /** Waits for nothing: what isn't sent yet is sent later, or a newer value in its place. */
  async commit(): Promise<void> {
    for (const { fenced } of this.lines.values()) if (fenced !== undefined) throw fenced
  }

  /** What was published can't be taken back. */
  async abort(): Promise<void> {}

  async release(tasks: readonly string[]): Promise<void> {
    const leaving = tasks.flatMap(task => this.lines.get(task) ?? [])
    for (const task of tasks) this.lines.delete(task)
    await Promise.all(leaving.map(line => line.leave()))
    // Nobody is left here who would say it; other connections to the broker say that it is lost once more.
    if (this.lines.size === 0) this.options.outages.back(service)
  }

  async close(): Promise<void> {
    await this.release([...this.lines.keys()])
  }

  private lineOf(task: SinkTask): LiveLine {
    const { application, ...rest } = this.options
    // No application can have this name: a Kafka group's has no colon.
    const sink = createMqttSink(this.targets, { ...rest, application: `${application}:live` })
    sink.onForgotten = each => this.onForgotten?.(each)
    return new LiveLine({ task, sink, log: this.options.log, outages: this.options.outages })
  }
}
