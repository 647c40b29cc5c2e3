const base = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
    // It imports node:http while it runs, which Jest can't do in code of packages that isn't compiled.
    '/node_modules/@opentelemetry/otlp-exporter-base/.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!@opentelemetry/otlp-exporter-base/)'],
  modulePathIgnorePatterns: [
    '<rootDir>/.weir',
    '<rootDir>/packages/consumers',
    '<rootDir>/packages/create-weir/templates',
  ],
  setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
}

// Unit tests need no service; scenarios run real ones, browser tests a page on them (see test/run.ts).
module.exports = {
  testSequencer: '<rootDir>/test/longest-first.cjs',
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/test/scenarios/',
        '<rootDir>/test/ops/',
        '<rootDir>/test/browser/',
      ],
    },
    {
      ...base,
      displayName: 'scenarios',
      testMatch: ['<rootDir>/test/scenarios/**/*.test.ts', '<rootDir>/test/ops/**/*.test.ts'],
    },
    { ...base, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
}
