import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { World } from '../scenarios/world/world'
import { DashboardProcess } from './dashboard-process'
import { launchChromium } from './launch'

export interface StageOptions {
  /** Arguments of `weir dashboard`. */
  readonly dashboard?: readonly string[]
}

export interface Visit extends BrowserContextOptions {
  /** Runs in the page before its own scripts. */
  readonly initScript?: string
}

/** What a page has met that it should not have. */
interface Faults {
  readonly page: Page
  readonly messages: string[]
}

/** A sensors job on the lane's services, a dashboard of it, and a browser. All but the services end with `close`. */
export class Stage {
  private readonly faults: Faults[] = []
  private readonly others: DashboardProcess[] = []

  private constructor(
    readonly world: World,
    readonly dashboard: DashboardProcess,
    readonly url: string,
    private readonly browser: Browser,
    private readonly mark: string,
  ) {}

  static async open({ dashboard: args = [] }: StageOptions = {}): Promise<Stage> {
    const world = await World.open()
    // Every process that comes of these two has it in its environment.
    const mark = randomUUID()
    const dashboard = new DashboardProcess({ ...world.environment, WEIR_TEST_MARK: mark }, args)
    const browser = await launchChromium({ WEIR_TEST_MARK: mark })
    return new Stage(world, dashboard, await dashboard.url(), browser, mark)
  }

  /** A page of its own, as a new visitor has it. */
  async visit(path = '/', { initScript, ...context }: Visit = {}): Promise<Page> {
    const page = await (await this.browser.newContext(context)).newPage()
    if (initScript !== undefined) await page.addInitScript({ content: initScript })
    const messages: string[] = []
    this.faults.push({ page, messages })
    page.on('pageerror', error => messages.push(`${page.url()}: ${error.stack ?? error.message}`))
    page.on('console', message => {
      if (message.type() === 'error') messages.push(`${page.url()}: ${message.text()}`)
    })
    page.on('dialog', dialog => {
      messages.push(`${page.url()}: a dialog, "${dialog.message()}"`)
      void dialog.dismiss()
    })
    await page.goto(`${this.url}${path}`)
    return page
  }

  /** One more dashboard of the same cluster; resolves with its address. */
  async another(args: readonly string[]): Promise<string> {
    const dashboard = new DashboardProcess({ ...this.world.environment, WEIR_TEST_MARK: this.mark }, args)
    this.others.push(dashboard)
    return dashboard.url()
  }

  /** What the browser has complained about on any page since the last call: errors of scripts, refused requests, dialogs. */
  complaints(): string[] {
    return this.faults.flatMap(({ messages }) => messages.splice(0))
  }

  /** Ends what was started, and resolves with what is still alive of it: nothing. */
  async close(): Promise<string[]> {
    await this.browser.close()
    await Promise.all([this.dashboard, ...this.others].map(dashboard => dashboard.stop()))
    await this.world.close()
    return processesWith(`WEIR_TEST_MARK=${this.mark}`)
  }
}

/** Living processes that have it in their environment. */
function processesWith(variable: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => read(`/proc/${pid}/environ`).includes(variable))
    .map(pid => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}
