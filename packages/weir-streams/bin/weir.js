#!/usr/bin/env node
// Faults are told by the lines of the source, whatever was compiled to what.
process.setSourceMapsEnabled(true)
require('../dist/cli/shell/weir.js')
