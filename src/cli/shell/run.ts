import { type Cluster, openCluster } from '../../ops/cluster'
import { Registry } from '../../ops/registry'
import { exitCode, oneLine } from '../shared/exit-code'
import { Output, type Streams } from '../shared/output'
import { asWeirs } from '../shared/own-command'
import { settings } from '../shared/settings'
import { type Parsed, parse } from './program'

/** Runs one command line (without `weir`) and returns its exit code. Prints everything, throws nothing. */
export async function run(line: readonly string[], streams: Streams, stop: AbortSignal): Promise<number> {
  try {
    if (line[0] === '__complete') {
      for (const candidate of await completions(line.slice(2))) streams.stdout.write(`${candidate}\n`)
      return 0
    }
    const parsed = await parse(line, streams)
    return typeof parsed === 'number' ? parsed : await call(parsed, streams, stop)
  } catch (error) {
    streams.stderr.write(`${asWeirs(oneLine(error))}\n`)
    return exitCode(error)
  }
}

/** Loaded for the shell's questions alone. */
function completions(words: readonly string[]): Promise<string[]> {
  const { complete } = require('./complete') as typeof import('./complete')
  return complete(words)
}

async function call({ verb, args, options }: Parsed, streams: Streams, stop: AbortSignal): Promise<number> {
  const { kafka, registryUrl, registryNamed } = settings(options)
  let cluster: Cluster | undefined
  try {
    await verb.run({
      ...{ args, options, kafka, registryUrl, registryNamed, stop, timeoutMs: options.timeout },
      out: new Output(options.output, streams),
      registry: () => new Registry(registryUrl, options.timeout),
      get cluster() {
        cluster ??= openCluster(kafka, options.timeout)
        return cluster
      },
    })
    return 0
  } finally {
    await cluster?.disconnect()
  }
}
