import { StreamError } from '../errors'
import { checkDepth } from './exact-json'

/** A schema that can't be used, whoever asks for it: no JSON, too large, too deep, or what it refers to can't be had. */
export class SchemaError extends StreamError {}

/** Whether an error is about a schema, and not about the service that has it. */
export const isOfSchema = (error: unknown): boolean => error instanceof SchemaError || !(error instanceof StreamError)

/** As Confluent Cloud's limit. A schema counts with all that it refers to. */
export const maxSchemaBytes = 1024 * 1024
/** Levels: of a text's JSON, and of types in one another. Schemas are walked recursively, and foreign ones would end the stack. */
export const maxSchemaDepth = 200

/** How a schema's JSON text is read. */
export type ParseSchema = (text: string) => unknown

/** Reads a schema's JSON text by `parse`. Throws SchemaError, beyond the limits too. */
export function parseSchema(text: string, parse: ParseSchema = JSON.parse): unknown {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxSchemaBytes) throw new SchemaError(`it has ${bytes} bytes, and up to ${maxSchemaBytes} are read`)
  try {
    checkDepth(text, maxSchemaDepth)
    return parse(text)
  } catch (error) {
    throw new SchemaError((error as Error).message)
  }
}
