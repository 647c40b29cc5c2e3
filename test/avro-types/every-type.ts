import type { AvroRecord, AvroSchema, AvroTypeJson } from '../../src/codecs/avro-schema'

/** One of Avro's types, a value of it, and what that is at each end. */
export interface TypeCase {
  /** Its field's name; the table's first column is made of the type. */
  readonly name: string
  readonly type: AvroTypeJson
  readonly value: unknown
  /** As `weir schemas types` has it. */
  readonly typescript: string
  /** The columns of Postgres, by the ends of their names. */
  readonly columns: Readonly<Record<string, string>>
  /** The columns' values as Postgres itself writes them. */
  readonly stored: readonly string[]
  /** JSON in MQTT. */
  readonly message: string
  /** JSON of `weir consume`, which `weir produce` takes back. */
  readonly line: string
}

const long = (logicalType: string): AvroTypeJson => ({ type: 'long', logicalType })
const int = (logicalType: string): AvroTypeJson => ({ type: 'int', logicalType })

/** `bytes` and `fixed` of these, as JSON has a character a byte. */
const bytes = Buffer.from([0, 255, 34])
const oneColumn = (type: string) => ({ '': type })

export const everyType: readonly TypeCase[] = [
  {
    ...{ name: 'boolean', type: 'boolean', value: true, typescript: 'boolean' },
    ...{ columns: oneColumn('boolean'), stored: ['true'], message: 'true', line: 'true' },
  },
  {
    ...{ name: 'int', type: 'int', value: -7, typescript: 'number' },
    ...{ columns: oneColumn('integer'), stored: ['-7'], message: '-7', line: '-7' },
  },
  {
    ...{ name: 'long', type: 'long', value: 9_007_199_254_740_991, typescript: 'Long' },
    ...{ columns: oneColumn('bigint'), stored: ['9007199254740991'] },
    ...{ message: '9007199254740991', line: '9007199254740991' },
  },
  {
    ...{ name: 'float', type: 'float', value: 0.5, typescript: 'number' },
    ...{ columns: oneColumn('double precision'), stored: ['0.5'], message: '0.5', line: '0.5' },
  },
  {
    ...{ name: 'double', type: 'double', value: 1.7e300, typescript: 'number' },
    ...{ columns: oneColumn('double precision'), stored: ['1.7e+300'], message: '1.7e+300', line: '1.7e+300' },
  },
  {
    ...{ name: 'string', type: 'string', value: 'Grüße', typescript: 'string' },
    ...{ columns: oneColumn('text'), stored: ['Grüße'], message: '"Grüße"', line: '"Grüße"' },
  },
  {
    ...{ name: 'bytes', type: 'bytes', value: bytes, typescript: 'Buffer' },
    ...{ columns: oneColumn('bytea'), stored: ['\\x00ff22'], message: '"AP8i"', line: '"\\u0000ÿ\\""' },
  },
  {
    ...{ name: 'fixed', type: { type: 'fixed', name: 'Hash', size: 3 }, value: bytes, typescript: 'Buffer' },
    ...{ columns: oneColumn('bytea'), stored: ['\\x00ff22'], message: '"AP8i"', line: '"\\u0000ÿ\\""' },
  },
  {
    ...{ name: 'enum', type: { type: 'enum', name: 'State', symbols: ['ASKED', 'DRIVING'] }, value: 'DRIVING' },
    ...{ typescript: 'State', columns: oneColumn('text'), stored: ['DRIVING'] },
    ...{ message: '"DRIVING"', line: '"DRIVING"' },
  },
  {
    ...{ name: 'decimal', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, value: '-12.50' },
    ...{ typescript: 'Decimal', columns: oneColumn('numeric(9,2)'), stored: ['-12.50'] },
    ...{ message: '"-12.50"', line: '"-12.50"' },
  },
  {
    name: 'decimal_of_fixed',
    type: { type: 'fixed', name: 'Wide', size: 16, logicalType: 'decimal', precision: 38, scale: 10 },
    value: '1234567890123456789012345678.0123456789',
    ...{ typescript: 'Decimal', columns: oneColumn('numeric(38,10)') },
    stored: ['1234567890123456789012345678.0123456789'],
    message: '"1234567890123456789012345678.0123456789"',
    line: '"1234567890123456789012345678.0123456789"',
  },
  {
    ...{ name: 'uuid', type: { type: 'string', logicalType: 'uuid' }, value: '6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11' },
    ...{ typescript: 'string', columns: oneColumn('uuid'), stored: ['6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11'] },
    ...{ message: '"6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11"', line: '"6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11"' },
  },
  {
    name: 'uuid_of_fixed',
    type: { type: 'fixed', name: 'Id', size: 16, logicalType: 'uuid' },
    value: '6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11',
    ...{ typescript: 'string', columns: oneColumn('uuid'), stored: ['6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11'] },
    ...{ message: '"6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11"', line: '"6f1c2a9e-8f4b-4d1e-9a57-0c3f5d2b7e11"' },
  },
  {
    ...{ name: 'date', type: int('date'), value: 20_786, typescript: 'number' },
    ...{ columns: oneColumn('date'), stored: ['2026-11-29'], message: '"2026-11-29"', line: '20786' },
  },
  {
    ...{ name: 'time_millis', type: int('time-millis'), value: 36_900_250, typescript: 'number' },
    ...{ columns: oneColumn('time'), stored: ['10:15:00.25'], message: '"10:15:00.250"', line: '36900250' },
  },
  {
    ...{ name: 'time_micros', type: long('time-micros'), value: 36_900_250_001, typescript: 'Long' },
    ...{ columns: oneColumn('time'), stored: ['10:15:00.250001'], message: '"10:15:00.250001"', line: '36900250001' },
  },
  {
    ...{ name: 'timestamp_millis', type: long('timestamp-millis'), value: 1_795_947_300_250, typescript: 'Long' },
    ...{ columns: oneColumn('timestamptz'), stored: ['2026-11-29 10:15:00.25+00'] },
    ...{ message: '1795947300.25', line: '1795947300250' },
  },
  {
    ...{ name: 'timestamp_micros', type: long('timestamp-micros'), value: 1_795_947_300_250_001, typescript: 'Long' },
    ...{ columns: oneColumn('timestamptz'), stored: ['2026-11-29 10:15:00.250001+00'] },
    ...{ message: '1795947300.250001', line: '1795947300250001' },
  },
  {
    name: 'timestamp_nanos',
    ...{ type: long('timestamp-nanos'), value: 1_795_947_300_250_001_999n, typescript: 'bigint' },
    columns: { '': 'timestamptz', _nanos: 'smallint' },
    stored: ['2026-11-29 10:15:00.250001+00', '999'],
    ...{ message: '1795947300.250001999', line: '1795947300250001999' },
  },
  {
    ...{ name: 'local_timestamp_millis', type: long('local-timestamp-millis'), value: 1_795_947_300_250 },
    ...{ typescript: 'Long', columns: oneColumn('timestamp'), stored: ['2026-11-29 10:15:00.25'] },
    ...{ message: '"2026-11-29T10:15:00.250"', line: '1795947300250' },
  },
  {
    ...{ name: 'local_timestamp_micros', type: long('local-timestamp-micros'), value: 1_795_947_300_250_001 },
    ...{ typescript: 'Long', columns: oneColumn('timestamp'), stored: ['2026-11-29 10:15:00.250001'] },
    ...{ message: '"2026-11-29T10:15:00.250001"', line: '1795947300250001' },
  },
  {
    ...{ name: 'local_timestamp_nanos', type: long('local-timestamp-nanos'), value: 1_795_947_300_250_001_001n },
    ...{ typescript: 'bigint', columns: { '': 'timestamp', _nanos: 'smallint' } },
    stored: ['2026-11-29 10:15:00.250001', '1'],
    ...{ message: '"2026-11-29T10:15:00.250001001"', line: '1795947300250001001' },
  },
  {
    name: 'duration',
    type: { type: 'fixed', name: 'Span', size: 12, logicalType: 'duration' },
    value: { months: 1, days: 2, millis: 3004 },
    ...{ typescript: 'AvroDuration', columns: oneColumn('interval'), stored: ['1 mon 2 days 00:00:03.004'] },
    ...{ message: '"P1M2DT3.004S"', line: '"P1M2DT3.004S"' },
  },
  {
    ...{ name: 'or_null', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 1 }] },
    ...{ value: '7.5', typescript: 'null | Decimal', columns: oneColumn('numeric(4,1)'), stored: ['7.5'] },
    ...{ message: '"7.5"', line: '"7.5"' },
  },
  {
    name: 'array',
    type: { type: 'array', items: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 1 } },
    value: ['1.5', '-2.0'],
    ...{ typescript: 'ReadonlyArray<Decimal>', columns: oneColumn('numeric(4,1)[]'), stored: ['{1.5,-2.0}'] },
    ...{ message: '["1.5","-2.0"]', line: '["1.5","-2.0"]' },
  },
  {
    name: 'array_of_records',
    type: {
      type: 'array',
      items: { type: 'record', name: 'Stop', fields: [{ name: 'at', type: long('timestamp-micros') }] },
    },
    value: [{ at: 1_795_947_300_250_001 }],
    ...{ typescript: 'ReadonlyArray<Stop<Long>>', columns: oneColumn('jsonb') },
    stored: ['[{"at": "2026-11-29T10:15:00.250001Z"}]'],
    ...{ message: '[{"at":1795947300.250001}]', line: '[{"at":1795947300250001}]' },
  },
  {
    ...{ name: 'map', type: { type: 'map', values: 'int' }, value: { a: 1, 'b c': -2 } },
    ...{ typescript: 'Readonly<Record<string, number>>', columns: oneColumn('jsonb') },
    ...{ stored: ['{"a": 1, "b c": -2}'], message: '{"a":1,"b c":-2}', line: '{"a":1,"b c":-2}' },
  },
  {
    name: 'record',
    type: {
      ...{ type: 'record', name: 'Fare' },
      fields: [
        { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 } },
        { name: 'note', type: ['null', 'string'] },
      ],
    },
    value: { amount: '1234567890123456789.10', note: null },
    ...{ typescript: 'Fare', columns: oneColumn('jsonb') },
    stored: ['{"note": null, "amount": 1234567890123456789.10}'],
    message: '{"amount":"1234567890123456789.10","note":null}',
    line: '{"amount":"1234567890123456789.10","note":null}',
  },
  {
    ...{ name: 'union', type: ['null', 'int', 'string'], value: '7', typescript: 'null | number | string' },
    ...{ columns: oneColumn('jsonb'), stored: ['"7"'], message: '"7"', line: '"7"' },
  },
  {
    ...{ name: 'union_of_bytes_and_string', type: ['string', 'bytes'], value: bytes, typescript: 'string | Buffer' },
    ...{ columns: oneColumn('jsonb'), stored: ['{"bytes": "AP8i"}'], message: '{"bytes":"AP8i"}' },
    line: '{"bytes":"\\u0000ÿ\\""}',
  },
  {
    ...{ name: 'union_of_numbers', type: ['int', 'double'], value: { double: 5 } },
    typescript: "{ readonly 'int': number } | { readonly 'double': number }",
    ...{ columns: oneColumn('jsonb'), stored: ['{"double": 5}'], message: '{"double":5}', line: '{"double":5}' },
  },
]

const json: AvroRecord = {
  type: 'record',
  name: 'EveryType',
  fields: everyType.map(({ name, type }) => ({ name, type })),
}

export const everySchema: AvroSchema<Record<string, unknown>> = { name: 'every-type', json }
export const everyValue = Object.fromEntries(everyType.map(({ name, value }) => [name, value]))
