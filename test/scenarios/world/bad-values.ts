/** Values that are no readings, each with what its dead letter has to say. */
export interface BadValue {
  readonly name: string
  readonly value: Buffer | null
  readonly says: RegExp
}

/** Avro's zigzag varint. */
function long(value: number): Buffer {
  let rest = value < 0 ? BigInt(-value) * 2n - 1n : BigInt(value) * 2n
  const bytes: number[] = []
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Buffer.from(bytes)
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

/** A reading in the Confluent wire format, written by hand so that nothing checks it. Times are micros. */
export function avroReading(id: number, sensor: number, temperature: number, micros: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, long(sensor), double(temperature), long(micros)])
}

/** `id`: of the readings' schema. */
export function badValues(id: number, sensor: number, nowMs: number): BadValue[] {
  const micros = nowMs * 1000
  const good = avroReading(id, sensor, 21.5, micros)
  const text = (json: string) => Buffer.from(json)
  return [
    { name: 'unknown schema id', value: avroReading(987_654, sensor, 1, micros), says: /no schema 987654/ },
    { name: 'truncated Avro', value: good.subarray(0, good.length - 3), says: /truncated/ },
    { name: 'Avro with more behind it', value: Buffer.concat([good, good]), says: /bytes follow/ },
    { name: 'half a header', value: good.subarray(0, 3), says: /3 bytes/ },
    { name: 'wrong magic byte', value: Buffer.concat([Buffer.from([7]), good.subarray(1)]), says: /starts with 0x07/ },
    { name: 'empty value', value: Buffer.alloc(0), says: /empty/ },
    { name: 'null value', value: null, says: /null/ },
    { name: 'NaN', value: avroReading(id, sensor, Number.NaN, micros), says: /temperature.*NaN/ },
    {
      name: 'infinite',
      value: avroReading(id, sensor, Number.POSITIVE_INFINITY, micros),
      says: /temperature.*Infinity/,
    },
    { name: 'sensor beyond int', value: avroReading(id, 2 ** 31, 1, micros), says: /sensor_id|truncated|is no/ },
    { name: 'two hours ahead', value: avroReading(id, sensor, 1, micros + 7.2e9), says: /MAX_FUTURE_MS/ },
    { name: 'before 1970', value: avroReading(id, sensor, 1, -1_000_000), says: /not a time/ },
    { name: 'JSON without a field', value: text(`{"sensor_id":${sensor},"timestamp":1}`), says: /temperature/ },
    {
      name: 'JSON with a wrong type',
      value: text(`{"sensor_id":${sensor},"temperature":"warm","timestamp":${nowMs / 1000}}`),
      says: /temperature/,
    },
    {
      name: 'JSON with NaN',
      value: text(`{"sensor_id":${sensor},"temperature":NaN,"timestamp":${nowMs / 1000}}`),
      says: /JSON/,
    },
    { name: 'half a JSON', value: text(`{"sensor_id":${sensor},`), says: /JSON/ },
    { name: 'an array', value: text('[1,2,3]'), says: /starts with 0x5b/ },
    { name: 'a megabyte', value: Buffer.alloc(1_000_000, 'x'), says: /starts with 0x78/ },
  ]
}
