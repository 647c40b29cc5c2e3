import type { ChildProcess } from 'node:child_process'
import { log } from '../../log'

const restartMs = 1_000

/** Keeps `count` worker processes alive until a signal ends them all; a worker that dies is started again after a pause. */
export async function supervise(count: number, start: (index: number) => ChildProcess): Promise<void> {
  const workers = new Set<ChildProcess>()
  let stopping = false
  const launch = (index: number) => {
    const worker = start(index)
    workers.add(worker)
    worker.on('exit', (code, signal) => {
      workers.delete(worker)
      if (stopping) return
      // Exit code 2 is the author's or the configuration's fault: another try would end alike.
      if (code === 2) return end(2)
      log.warn(`worker ${worker.pid} ended (${signal ?? `exit code ${code}`}), starting another one`)
      setTimeout(() => stopping || launch(index), restartMs)
    })
    log.info(`worker ${worker.pid} started`)
  }
  let exit = 0
  const end = (code = 0) => {
    stopping = true
    exit = code
    for (const worker of workers) worker.kill('SIGTERM')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end())
  for (let i = 0; i < count; i++) launch(i)
  while (!stopping || workers.size > 0) await new Promise(resolve => setTimeout(resolve, 100))
  process.exit(exit)
}
