const { json, text, topology } = require('weir-streams')

module.exports = topology('consumer-commonjs', streams => {
  streams
    .stream('commonjs-clicks', { key: text, value: json() })
    .groupBy(({ page }) => page, { name: 'by-page', key: text, value: json() })
    .count({ name: 'clicks-by-page' })
    .toStream()
    .to('commonjs-counts', { key: text, value: json() })
})
