import { UsageError } from '../../../ops/errors'
import { diffSchemas } from '../../../ops/schema-diff'
import { schemaFile } from '../../shared/schema-file'
import { verb } from '../../shared/verb'

export default verb({
  arguments: [
    { name: '<subject>', about: 'the subject, usually <topic>-value', completes: 'subject' },
    {
      ...{ name: '[from]', completes: 'file' },
      about: 'a version (the one before the latest); an .avsc file alone is compared with the latest',
    },
    { name: '[to]', about: 'a version, or an .avsc file (the latest)', completes: 'file' },
  ],
  examples: [
    ['schemas diff sensor_data-value', 'what the latest version changed'],
    ['schemas diff sensor_data-value 1 3', 'between two versions'],
    ['schemas diff sensor_data-value schemas/reading.avsc', 'what a file would change in the latest version'],
  ],
  async run({ registry, args, out }) {
    const [subject, ...which] = args as [string, string?, string?]
    // A file is what is to come: alone, it is what the registry's is compared with.
    const [from, to] = which.length === 1 && isFile(which[0]) ? ['latest', which[0]] : which
    const client = registry()
    const versions = await client.versions(subject)
    const read = async (which: string) => {
      if (isFile(which)) return schemaFile(which, out.streams)
      return client.whole(await client.version(subject, which === 'latest' ? which : Number(which)))
    }
    const before = from ?? versions.sort((a, b) => a - b).at(-2)
    if (before === undefined) throw new UsageError(`"${subject}" has only one version: name a file to compare it with`)
    const changes = diffSchemas(await read(`${before}`), await read(to ?? 'latest'))
    out.rows(changes, [
      {
        title: 'CHANGE',
        value: row => row.change,
        colour: row => (row.change === 'removed' ? 'red' : row.change === 'added' ? 'green' : 'yellow'),
      },
      { title: 'FIELD', value: row => row.field },
      { title: 'FROM', value: row => row.from },
      { title: 'TO', value: row => row.to },
    ])
    if (changes.length === 0) out.note('they are the same')
  },
})

const isFile = (which: string | undefined): which is string =>
  which !== undefined && which !== 'latest' && !/^\d+$/.test(which)
