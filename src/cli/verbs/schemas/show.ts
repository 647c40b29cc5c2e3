import { itemAt } from '../../../required'
import { whole } from '../../shared/parse'
import { verb } from '../../shared/verb'

export default verb<{ version?: number }>({
  arguments: [{ name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' }],
  options: [{ flags: '--version <n>', about: 'another version than the latest', parse: whole('version', 1) }],
  examples: [
    ['schemas show sensor_data-value', 'the latest schema'],
    ['schemas show sensor_data-value --version 1', 'the first one'],
    ['schemas show sensor_data-value -o json | jq .id', 'its id'],
  ],
  async run({ registry, args, options, out }) {
    const client = registry()
    const found = await client.version(itemAt(args, 0), options.version ?? 'latest')
    const compatibility = await client.compatibility(itemAt(args, 0))
    const schema = found.type === 'PROTOBUF' ? found.schema : (JSON.parse(found.schema) as unknown)
    out.thing({ ...found, schema, compatibility }, ({ subject, version, id, type, references }) => {
      out.note(`${subject}  version ${version}, id ${id}, ${type}, compatibility ${compatibility}`)
      for (const { name, subject: of, version: at } of references) out.note(`${name} is ${of} version ${at}`)
      out.line(typeof schema === 'string' ? schema : JSON.stringify(schema, null, 2))
    })
  },
})
