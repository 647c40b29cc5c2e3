import { ConfigError } from '../errors'

/** How spans leave the process. */
export interface TracesWanted {
  readonly exporter: 'otlp' | 'console'
  readonly inWords: string
}

const usualEndpoint = 'http://localhost:4318'

/** What OpenTelemetry's variables ask for; undefined where they ask for no traces. Throws ConfigError for what weir doesn't do. */
export function tracesWanted(environment: NodeJS.ProcessEnv): TracesWanted | undefined {
  const value = (name: string) => environment[name]?.trim() || undefined
  const endpoint = value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? value('OTEL_EXPORTER_OTLP_ENDPOINT')
  const exporter = value('OTEL_TRACES_EXPORTER') ?? (endpoint === undefined ? 'none' : 'otlp')
  if (value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporter === 'none') return undefined
  if (exporter === 'console') return { exporter, inWords: 'to standard output' }
  if (exporter !== 'otlp')
    throw new ConfigError(`OTEL_TRACES_EXPORTER ${exporter} is unknown: use otlp, console or none`)
  const protocol = value('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? value('OTEL_EXPORTER_OTLP_PROTOCOL')
  if (protocol !== undefined && protocol !== 'http/protobuf')
    throw new ConfigError(
      `traces are exported by http/protobuf, not by ${protocol}: leave OTEL_EXPORTER_OTLP_PROTOCOL out, and give the collector's HTTP port (4318)`,
    )
  return { exporter, inWords: `to ${endpoint ?? usualEndpoint}` }
}
