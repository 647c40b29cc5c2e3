import { typesFile, writeTypes } from '../../../codecs/schema-files'
import { CheckFailedError } from '../../../ops/errors'
import { verb } from '../../shared/verb'

export default verb<{ check?: boolean }>({
  arguments: [{ name: '[folder]', about: 'the folder of .avsc and .schema.json files (schemas)', completes: 'file' }],
  options: [{ flags: '--check', about: 'write nothing; 5 where types.ts is not what the schemas give' }],
  about: `Writes types.ts beside the schemas: an interface for each record, a type for each enum, and for each file of a record a constant that
\`avro()\` takes; the same of JSON Schemas, in files that end with .schema.json, for \`json()\`. Files may name each other's types, with their namespaces,
and types may hold themselves. No service is asked.`,
  examples: [
    ['schemas types', 'schemas/types.ts from schemas/*.avsc and schemas/*.schema.json'],
    ['schemas types src/avro --check', 'for a build: fails when somebody has forgotten it'],
  ],
  async run({ args, options, out }) {
    const folder = args[0] ?? 'schemas'
    if (!options.check) return out.line(writeTypes(folder))
    const { path, isSame } = typesFile(folder)
    if (!isSame) throw new CheckFailedError(`${path} is not what the schemas give: npx weir schemas types ${folder}`)
    out.line(path)
  },
})
