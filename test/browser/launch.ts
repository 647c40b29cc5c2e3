import { type Browser, chromium } from 'playwright-core'
import { chromiumPath } from './chromium'

/** A browser without a window. */
export const launchChromium = (environment: NodeJS.ProcessEnv = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath() ?? '',
    // Chromium has no sandbox for root.
    chromiumSandbox: process.getuid?.() !== 0,
    env: { ...process.env, ...environment },
  })
