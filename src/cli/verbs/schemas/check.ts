import { checkSchema } from '../../../ops/check-schema'
import { CheckFailedError } from '../../../ops/errors'
import { type NamedReference, referenceOption, schemaFile, withReferences } from '../../shared/schema-file'
import { verb } from '../../shared/verb'

export default verb<{ reference?: readonly NamedReference[] }>({
  arguments: [
    { name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' },
    { name: '<file>', about: 'an .avsc file; - is stdin', completes: 'file' },
  ],
  options: [referenceOption],
  about:
    "Asks the registry whether it would take the schema, by the subject's own level of compatibility, and writes nothing.\nA subject of level NONE is judged as with BACKWARD: what was written with the latest schema must stay readable.",
  examples: [['schemas check sensor_data-value schemas/reading.avsc', 'exit 5 when it is incompatible']],
  async run({ registry, args, options, out }) {
    const [subject, file] = args as [string, string]
    const result = await checkSchema(
      registry(),
      subject,
      await withReferences(registry(), await schemaFile(file, out.streams), options.reference),
    )
    out.thing(result, ({ state, id }) => out.line(`${subject}  ${state}${id === null ? '' : `  id ${id}`}`))
    for (const fault of result.faults) out.note(fault)
    if (result.state === 'incompatible') throw new CheckFailedError(`"${file}" is not compatible with "${subject}"`)
  },
})
