import { Type } from 'avsc'
import * as types from '../../schemas/types'
import { readSchemas, typesFile } from '../../src/codecs/schema-files'

test('schemas/types.ts is what the .avsc files give (npm run schemas -- --types)', () => {
  expect(typesFile().isSame).toBe(true)
})

test('every schema is valid Avro, with docs for each field', () => {
  for (const [name, json] of readSchemas()) {
    expect(Type.forSchema(json as never).name).toBe(`weir.${json.name}`)
    for (const field of json.fields ?? []) expect(`${name}.${field.name}: ${field.doc}`).not.toContain('undefined')
  }
})

test('a wrong field name does not compile', () => {
  const value: types.Reading = { sensor_id: 1, temperature: 2, timestamp: 3 }
  // @ts-expect-error the field is called sensor_id
  expect(value.sensorId).toBeUndefined()
  expect(types.reading.name).toBe('reading')
})
