#!/usr/bin/env node
// Faults are told by the lines of the source, whatever was compiled to what.
process.setSourceMapsEnabled(true)
// Workers start while others wait for them.
if (process.argv[2] === 'run') require('./code-cache.cjs').useCodeCache('run')
require('../dist/cli/shell/weir.js')
