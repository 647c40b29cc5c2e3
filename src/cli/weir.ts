import { constants } from 'node:os'
import { run } from './run'

// A reader that has seen enough (`weir consume t | head -1`) closes the pipe: that is not our failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.stderr.on('error', () => {})

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal])
    stop.abort(signal)
  })
}

run(process.argv.slice(2), { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr }, stop.signal).then(
  code => {
    process.exitCode = code
  },
)
