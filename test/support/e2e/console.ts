import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../../emulator/emulator.ts';
import { builtInPeople } from '../../../emulator/people/builtIn.ts';
import { afterTest } from '../afterTest.ts';
import { botProcess, type BotProcess } from '../botProcess.ts';
import { openEmbedded, pollingOften } from '../databases.ts';
import { API_KEY, startWorld, type World } from '../world.ts';
import { buildConsole } from './browser.ts';
import type { opensWindows, WindowOptions } from './windows.ts';

/** Debra declines at once, and the phones of Adele and Megan ring until a test presses. Joni has no part in it. */
const yaml = `
operators: [megan@contoso.example]
policies:
  payments:
    steps:
      - targets: [{ user: debra@contoso.example }]
        tries: 1
      - targets: [{ user: adele@contoso.example }]
        ringTimeoutSeconds: 120
      - targets: [{ user: megan@contoso.example }]
        ringTimeoutSeconds: 120
    repeat: 1
  website:
    steps:
      - targets: [{ user: joni@contoso.example }]
`;
const byHand = new Set(['Adele Vance', 'Megan Bowen']);

/** @param names other display names, by the built-in ones */
function people(names: Readonly<Record<string, string>> = {}): EmulatorOptions['people'] {
  return builtInPeople.map((person) => {
    const { displayName } = person;
    const renamed = { ...person, displayName: names[displayName] ?? displayName };
    if (byHand.has(displayName)) return { ...renamed, script: { byHand: true } };
    return displayName === 'Debra Berger' ? { ...renamed, script: { declines: { afterMs: 50 } } } : renamed;
  });
}

/** The running product with the policy "payments". */
export async function consoleWorld(names?: Readonly<Record<string, string>>): Promise<World> {
  return await startWorld({
    database: pollingOften(await openEmbedded()),
    clock: 'real',
    yaml,
    emulator: { people: people(names) },
  });
}

/** The same in a process of its own, which a test can kill and start again with the same address and data. */
export async function consoleProcess(): Promise<{ emulator: Emulator; bot: BotProcess }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-console-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ringdown.yaml');
  writeFileSync(file, yaml);
  const emulator = createEmulator({ people: people() });
  await emulator.start();
  afterTest(async () => await emulator.stop());
  const env = { CONFIG_FILE: file };
  const bot = await botProcess(emulator, { dataDir: join(folder, 'data') }, env, { asItIs: true });
  afterTest(async () => await bot.stop());
  await bot.start();
  emulator.channel.connect(`${bot.url}/api/messages`);
  return { emulator, bot };
}

/** Starts an escalation of the policy, and returns its id. */
export async function escalate({ url }: Running, summary: string, more: object = {}): Promise<string> {
  const response = await fetch(`${url}/api/v1/escalations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ policy: 'payments', summary, ...more }),
  });
  const body: unknown = await response.json();
  assert.equal(response.status, 202, JSON.stringify(body));
  return (body as { id: string }).id;
}

/** Ringdown, in this process or in its own. */
type Running = Pick<World, 'url'>;

/** The console in a window of its own. */
export class ConsolePage {
  readonly page: Page;
  readonly #origin: string;
  /** What the browser complains about: its policy, exceptions. */
  readonly complaints: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (/content security policy|warning: /i.test(message.text())) this.complaints.push(message.text());
    });
  }

  /** Opens a page as this person. */
  static async open(
    open: ReturnType<typeof opensWindows>,
    world: Running,
    person: string,
    options: WindowOptions = {},
  ): Promise<ConsolePage> {
    const console = new ConsolePage(await open(options), world.url);
    await buildConsole(world);
    await console.goTo('');
    await console.button(person).click();
    await console.title('Who are you?').waitFor({ state: 'hidden' });
    return console;
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(`${this.#origin}/console${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  title(text: string): Locator {
    return this.page.getByRole('heading', { level: 1, name: text, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name: string): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }

  /** The step that the ladder marks as the current one. */
  get step(): Locator {
    return this.page.locator('[aria-current=step]');
  }

  async reads(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }
}
