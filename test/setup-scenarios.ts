// On a shared machine a real service may be starved for longer than a scenario waits. There a failed one is tried again, and its
// failure is printed all the same; at a desk it fails at once.
if (process.env.CI) jest.retryTimes(2, { logErrorsBeforeRetry: true })
