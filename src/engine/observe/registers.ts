import type { OpenMetricsContentType, Registry } from 'prom-client'

/** Where metrics are registered, whatever format they are served in. */
export type Registers = (Registry | Registry<OpenMetricsContentType>)[]
