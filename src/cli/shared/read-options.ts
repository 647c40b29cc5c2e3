import { FORMATS, type Format, RecordDecoder } from '../../ops/record-decoder'
import type { Decoders } from '../../ops/record-json'
import type { Registry } from '../../ops/registry'
import { partitionList } from './parse'
import type { VerbOption } from './verb'

export interface ReadOptions {
  readonly partition?: number[]
  readonly keyFormat: Format
  readonly valueFormat: Format
  readonly uncommitted?: boolean
}

/** The options of what reads records. */
export const READING: readonly VerbOption[] = [
  { flags: '-p, --partition <list>', about: 'only these partitions, as 3 or 0,2,5-7', parse: partitionList },
  { flags: '--key-format <format>', about: 'how keys are read', default: 'auto', choices: FORMATS },
  { flags: '--value-format <format>', about: 'how values are read', default: 'auto', choices: FORMATS },
  { flags: '--uncommitted', about: 'also records of open and aborted transactions' },
]

export const FORMAT_HELP =
  "The format auto reads Avro where the bytes have the registry's header, JSON where they are an object or array, text where they\nare UTF-8, and shows base64 of everything else; short, int, long, float and double are numbers as Kafka's serializers write them."

export function decodersOf({ keyFormat, valueFormat }: ReadOptions, registry: () => Registry): Decoders {
  return { key: new RecordDecoder(keyFormat, registry()), value: new RecordDecoder(valueFormat, registry()) }
}
