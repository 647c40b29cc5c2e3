import { checkSchema } from '../../../ops/check-schema'
import { CheckFailedError } from '../../../ops/errors'
import { schemaFile } from '../../shared/schema-file'
import { verb } from '../../shared/verb'

export default verb({
  arguments: [
    { name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' },
    { name: '<file>', about: 'an .avsc file; - is stdin', completes: 'file' },
  ],
  about:
    "Asks the registry whether it would take the schema, by the subject's own level of compatibility, and writes nothing.\nA subject of level NONE is judged as with BACKWARD: what was written with the latest schema must stay readable.",
  examples: [['schemas check sensor_data-value schemas/reading.avsc', 'exit 5 when it is incompatible']],
  async run({ registry, args, out }) {
    const [subject, file] = args as [string, string]
    const result = await checkSchema(registry(), subject, schemaFile(file))
    out.thing(result, ({ state, id }) => out.line(`${subject}  ${state}${id === null ? '' : `  id ${id}`}`))
    for (const fault of result.faults) out.note(fault)
    if (result.state === 'incompatible') throw new CheckFailedError(`"${file}" is not compatible with "${subject}"`)
  },
})
