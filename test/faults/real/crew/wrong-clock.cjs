// Loaded into a worker before all else: its wall clock is off by FAULTS_CLOCK_MS, and comes right with a jump after FAULTS_JUMP_AFTER_MS.
const right = Date.now
const off = Number(process.env.FAULTS_CLOCK_MS)
const until = right() + Number(process.env.FAULTS_JUMP_AFTER_MS)
Date.now = () => (right() < until ? right() + off : right())
