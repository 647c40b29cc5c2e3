import { Instance } from './instance'
import type { Order } from './order'

/** Both instances of a side. They outlive a batch, so that programs are loaded once. */
export class Crew {
  private instances: [Instance, Instance]

  constructor(
    private readonly side: string,
    private readonly command: readonly [string, ...string[]],
    private readonly folder: string,
  ) {
    this.instances = [this.spawn(0), this.spawn(1)]
  }

  private spawn(at: number): Instance {
    return new Instance(`${this.side}-${at}`, this.command)
  }

  start(at: 0 | 1, order: Omit<Order, 'stateDir'>): Promise<void> {
    return this.instances[at].start(this.folder, order)
  }

  /** Does what is wanted of the side; rejects when one of its processes ends by itself meanwhile. */
  whileWell<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, ...this.instances.map(({ failed }) => failed)])
  }

  hurry(at: 0 | 1): Promise<void> {
    return this.instances[at].hurry()
  }

  stop(at: 0 | 1): Promise<void> {
    return this.instances[at].stop()
  }

  /** SIGKILL; another takes the place of the one that is gone, and is started by whoever wants it. */
  async kill(at: 0 | 1): Promise<void> {
    await this.instances[at].kill()
    this.instances[at] = this.spawn(at)
  }

  async end(): Promise<void> {
    await Promise.all(this.instances.map(instance => instance.kill()))
  }
}
