import { type Cluster, openCluster } from '../ops/cluster'
import { Registry } from '../ops/registry'
import { exitCode, oneLine } from './exit-code'
import { Output, type Streams } from './output'
import { type Parsed, parse } from './program'
import { settings } from './settings'

/** Runs one command line (without `weir`) and returns its exit code. Prints everything, throws nothing. */
export async function run(line: readonly string[], streams: Streams, stop: AbortSignal): Promise<number> {
  try {
    const parsed = parse(line, streams)
    return typeof parsed === 'number' ? parsed : await call(parsed, streams, stop)
  } catch (error) {
    streams.stderr.write(`weir: ${oneLine(error)}\n`)
    return exitCode(error)
  }
}

async function call({ verb, args, options }: Parsed, streams: Streams, stop: AbortSignal): Promise<number> {
  const { kafka, registryUrl } = settings(options)
  let cluster: Cluster | undefined
  try {
    await verb.run({
      ...{ args, options, kafka, registryUrl, stop, timeoutMs: options.timeout },
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
