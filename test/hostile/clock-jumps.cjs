// Loaded by a worker before anything else: its wall clock jumps, a day ahead and two hours back by turns, every two seconds.
const { now } = Date
const startedAt = now()
const jumpsMs = [0, 86_400_000, -7_200_000]
Date.now = () => {
  const real = now()
  return real + jumpsMs[Math.floor((real - startedAt) / 2_000) % jumpsMs.length]
}
