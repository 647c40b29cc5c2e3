import { verb } from '../../shared/verb'

export default verb({
  examples: [
    ['schemas list', 'all subjects with their latest versions'],
    ["schemas list -o json | jq -r '.[].subject'", 'only their names'],
  ],
  async run({ registry, out }) {
    const subjects = await registry().subjects()
    const rows = []
    for (const subject of subjects) {
      const { version, id, type } = await registry().version(subject)
      rows.push({ subject, version, id, type })
    }
    out.rows(rows, [
      { title: 'SUBJECT', value: row => row.subject },
      { title: 'VERSION', value: row => row.version },
      { title: 'ID', value: row => row.id },
      { title: 'TYPE', value: row => row.type },
    ])
  },
})
