// Runs one program, given as JSON, and ends it when the channel to the parent closes, which happens however the parent ends.
// A parent that wants the program to outlive it sends 'release': the keeper leaves, the program stays.
import { spawn } from 'node:child_process'

const { command, args, graceMs, stopSignal = 'SIGTERM', ...options } = JSON.parse(process.argv[2])
const tell = (report, then) => (process.connected ? process.send(report, () => then?.()) : then?.())

const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', error => tell({ error: error.message }, () => process.exit(127)))
child.on('spawn', () => tell({ pid: child.pid }))
child.on('exit', (code, signal) => tell({ code, signal }, () => process.exit(0)))

let ending = false
function end() {
  if (ending) return
  ending = true
  child.kill(stopSignal)
  setTimeout(() => child.kill('SIGKILL'), graceMs)
}
process.on('disconnect', end)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end)
// A parent that died while this process was starting has closed the channel before anyone listened.
if (!process.connected) end()
process.on('message', message => {
  if (message === 'release') process.exit(0)
})
