// What takes long begins first, so that all workers end together; the longest first.
const long = [
  ...[
    'conformance',
    'three-brokers',
    'secured',
    'cheat-sheet',
    'light-cheat-sheet',
    'sensors-outages',
    'start',
    'stack',
    'sensors-stop',
    'kafka-ledger',
    'sensors-crash',
  ],
  ...[
    'standbys',
    'vitals',
    'dashboard-api',
    'topology-grow',
    'state-on-disk',
    'ask',
    'sensors-keyless',
    'kafka-group',
    'sensors-workers',
    'simulator',
  ],
]

const rank = ({ path }) => {
  const at = long.findIndex(name => path.endsWith(`/${name}.test.ts`))
  return at < 0 ? long.length : at
}

module.exports = class LongestFirst {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
  }

  allFailedTests() {
    throw new Error('no results of former runs are kept: name the files instead')
  }

  cacheResults() {}
}
