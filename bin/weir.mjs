#!/usr/bin/env node
// The `weir` command: the same runner, with the command's own entry.
process.argv.splice(2, 0, 'src/cli/shell/weir.ts')
await import('./run.mjs')
