import { constants } from 'node:os'
import { run } from './run'
import { programs } from './verbs'

// A reader that has seen enough (`weir consume t | head -1`) closes the pipe: that is not our failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.stderr.on('error', () => {})

/** After a Ctrl-C that nothing seems to come of, ms. */
const PATIENCE_MS = 1_000

function runVerb(): void {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal])
      stop.abort(signal)
      // What is under way may be a change, so it is not cut off by itself.
      const note = 'weir: ending what is under way; once more ends at once\n'
      setTimeout(() => process.stderr.write(note), PATIENCE_MS).unref()
    })
  }
  const { stdin, stdout, stderr } = process
  run(process.argv.slice(2), { stdin, stdout, stderr }, stop.signal).then(code => {
    process.exitCode = code
  })
}

const program = Object.hasOwn(programs, process.argv[2] ?? '') ? programs[process.argv[2]!] : undefined
if (program === undefined) runVerb()
else {
  process.argv.splice(2, 1)
  program.load()
}
