import { deadLetterTopic } from '../../../names'
import { groupLetters } from '../../../ops/dead-letters'
import { counted } from '../../shared/output'
import { verb } from '../../shared/verb'

interface Options {
  readonly application?: string
  readonly topic?: string
}

/** The newest letters of each topic are looked at. */
const perTopic = 10_000

export default verb<Options>({
  options: [
    { flags: '-a, --application <name>', about: 'only those of this application', completes: 'application' },
    { flags: '-t, --topic <topic>', about: 'only of bad records from this topic', completes: 'topic' },
  ],
  about: `Bad records by application, step and error, the latest first: what failed, how often, and what was sent again already. The newest
${perTopic.toLocaleString('en-US')} letters of each topic are looked at. \`weir consume <topic>_dead_letters\` shows the records themselves.`,
  examples: [
    ['dead-letters list', 'what has failed, in all topologies'],
    ['dead-letters list -a sensors', 'in one of them'],
    ['dead-letters list -t sensor_data -o json', 'bad records of one topic, for a program'],
  ],
  async run({ cluster, options: { application, topic }, out, stop }) {
    const only = topic === undefined ? {} : { only: deadLetterTopic(topic) }
    const { groups, looked, all } = await groupLetters(cluster, { perTopic, signal: stop, ...only })
    const rows = groups
      .map(({ id, topic, origin: from, letters }) => {
        const { facts, timestampMs = 0 } = letters[0] ?? {}
        return {
          ...{ id, topic, from, letters: letters.length, redriven: letters.filter(each => each.redriven).length },
          ...{ application: facts?.application ?? '', step: facts?.step ?? '', lastMs: timestampMs },
          ...{ errorClass: facts?.errorClass ?? '', errorMessage: facts?.errorMessage ?? '' },
        }
      })
      .filter(row => application === undefined || row.application === application)
    out.rows(rows, [
      { title: 'APPLICATION', value: row => row.application || null },
      { title: 'STEP', value: row => row.step || null },
      { title: 'ERROR', value: row => row.errorClass || null },
      { title: 'LETTERS', value: row => row.letters },
      { title: 'REDRIVEN', value: row => row.redriven },
      { title: 'LAST', value: row => new Date(row.lastMs).toISOString() },
      { title: 'FROM', value: row => row.from },
      { title: 'ID', value: row => row.id },
      { title: 'MESSAGE', value: row => row.errorMessage },
    ])
    if (!all) out.note(`only the newest letters of each topic were looked at (${counted(looked, 'letter')})`)
  },
})
