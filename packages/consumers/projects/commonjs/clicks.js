const { json, text, topology } = require('weir-streams')

module.exports = topology('consumer-{name}', streams => {
  streams
    .stream('{name}-clicks', { key: text, value: json() })
    .groupBy(({ page }) => page, { name: 'by-page', key: text, value: json() })
    .count({ name: 'clicks-by-page' })
    .toStream()
    .to('{name}-counts', { key: text, value: json() })
})
