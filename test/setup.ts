// A busy machine is no fault: what a test waits for has limits of its own where they matter.
jest.setTimeout(600_000)
