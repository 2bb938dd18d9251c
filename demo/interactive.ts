import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createEmulator } from '../emulator/emulator.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { builtInPeople } from '../emulator/people/builtIn.ts';
import type { PersonInput } from '../emulator/people/person.ts';
import { Bot } from './bot.ts';
import { freePort, isFree } from './ports.ts';
import type { BotOptions } from './bot.ts';
import { startChat } from './chat.ts';
import { InOrder } from './inOrder.ts';
import { HOLD_MS } from './say.ts';
import { Timelines } from './timelines.ts';
import { onStopSignal } from './stopSignals.ts';

/** The ports of the bot and of the chat are those that their makers chose; that of the phones is the next one. */
const preferred = { bot: 3978, chat: 56150, phones: 56151 } as const;

const asker = 'Megan Bowen';
const colleagues = [
  'adele@contoso.example',
  'alex@contoso.example',
  'chris.green@contoso.example',
  'sian@contoso.example',
  'debra@contoso.example',
];
/** Their phones ring until the user of the demo answers. The others behave as their job titles say. */
const byHand = new Set([
  'adele@contoso.example',
  // Her mobile.
  '+493023125001',
  'chris.green@contoso.example',
  'megan@contoso.example',
]);

/** How often to poll for news. */
const LOOK_MS = 500;

export interface DemoOptions {
  /** Each of them free; should that of the chat be taken meanwhile, it gets another one. */
  ports: { bot: number; chat: number; phones: number };
  database: BotOptions['database'];
  /** Where the chat is; `msteams` unless it is said. */
  channel?: string;
  /** What Teams is set to, such as "de-DE", asked at each message; English unless it is said. */
  language?: () => string;
  /** One of the parts ended by itself and does not come back. */
  onFault: (what: string) => void;
  /** The bot was killed, and is there again. */
  onRestart?: (what: string) => void;
  /** Further settings of the bot, by the names of its environment. */
  env?: Record<string, string>;
}

export interface Demo {
  emulator: Emulator;
  bot: Bot;
  chatUrl: string;
  phonesUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts the emulator, the bot and the chat client, all on loopback.
 *
 * @throws Error if one of them does not start; those that did are stopped
 */
export async function startDemo({
  ports,
  database,
  channel,
  language,
  onFault,
  onRestart,
  env,
}: DemoOptions): Promise<Demo> {
  const emulator = createEmulator({ port: ports.phones, people: demoPeople() });
  const started: (() => Promise<void>)[] = [];
  // Ctrl-C in a terminal reaches all of them at once: from then on none that ends is missed.
  let up = false;
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    for (const end of started.splice(0).toReversed()) await end();
  };
  try {
    const addresses = await emulator.start();
    started.push(() => emulator.stop());
    const bot = new Bot({
      emulator: addresses,
      port: ports.bot,
      database,
      language: language?.(),
      ...(env ? { env } : {}),
      // Calls outlive it: it is started again, and goes on with them.
      onCrash: (code, signal) => {
        if (!up || stopping) return;
        onRestart?.(`The bot ended (${signal ?? code}). Starting it again …`);
        bot.start().then(
          () => onRestart?.(`The bot is running again (process ${bot.pid}).`),
          () => onFault('The bot ended and could not be restarted.'),
        );
      },
    });
    started.push(() => bot.stop());
    await bot.start();
    up = true;
    const { people } = emulator;
    const chat = await startChat({
      endpoint: `${bot.url}/api/messages`,
      port: ports.chat,
      emulatorConnector: addresses.connectorUrl,
      tenantId: addresses.tenantId,
      ...(channel === undefined ? {} : { channel }),
      ...(language ? { language } : {}),
      user: people.get(asker),
      others: colleagues.map((name) => people.get(name)),
      onCrash: (reason) => {
        if (!stopping) onFault(`The chat client is gone: ${reason}.`);
      },
    });
    started.push(() => chat.stop());
    return { emulator, bot, chatUrl: chat.url, phonesUrl: addresses.phonesUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The demo in the browser: starts everything, says what to open, and goes on until it is interrupted.
 *
 * @param options `port`: the bot's, 3978 if absent; `dataDir`: where its database is kept, nowhere if absent;
 *   `channel`: where the chat is, Teams if absent; `language`: what Teams is set to, English if absent
 * @returns the exit code: 0 after Ctrl-C, 1 on a fault
 */
export async function runInteractive(options: {
  port?: string | undefined;
  dataDir?: string | undefined;
  channel?: string | undefined;
  language?: string | undefined;
}): Promise<number> {
  const { language } = options;
  const botPort = options.port === undefined ? preferred.bot : Number(options.port);
  if (!Number.isInteger(botPort) || botPort < 1 || botPort > 65_535) {
    console.error(`--port ${options.port} is not a port number: use 1 to 65535.`);
    return 1;
  }
  if (!(await isFree(botPort))) {
    console.error(
      `Port ${botPort} is in use, perhaps by another demo. End that, or take another port:\n\n` +
        `  npm run demo -- --port ${botPort === 65_535 ? preferred.bot : botPort + 1}\n`,
    );
    return 1;
  }
  const ports = {
    bot: botPort,
    chat: (await isFree(preferred.chat)) ? preferred.chat : await freePort(),
    phones: (await isFree(preferred.phones)) ? preferred.phones : await freePort(),
  };
  const thrownAway = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'ringdown-demo-')) : null;

  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => (end = resolve));
  const ignoreSignals = onStopSignal(() => end(0));
  console.log('Starting the emulator, the bot and the chat client …');
  const starting = startDemo({
    ports,
    database: { dataDir: options.dataDir ?? thrownAway ?? '' },
    ...(options.channel === undefined ? {} : { channel: options.channel }),
    ...(language === undefined ? {} : { language: () => language }),
    onFault: (what) => {
      console.error(what);
      end(1);
    },
    onRestart: (what) => console.log(`  ${what}`),
  });
  try {
    const demo = await Promise.race([starting, ended]);
    if (typeof demo === 'number') return demo;
    // The first visit of the console builds its pages, which takes seconds.
    void fetch(`${demo.bot.url}/console`).catch(() => undefined);
    console.log(welcome(demo));
    return await Promise.race([ended, follow(demo.bot, language)]);
  } finally {
    console.log('\nStopping …');
    const demo = await starting.catch(() => null);
    await demo?.stop();
    if (thrownAway !== null) rmSync(thrownAway, { recursive: true, force: true });
    ignoreSignals();
  }
}

/** What to open, and what to try. */
export function welcome({ chatUrl, phonesUrl, bot }: Pick<Demo, 'chatUrl' | 'phonesUrl' | 'bot'>): string {
  return `
Ringdown is running. Open these in a browser, side by side:

  Chat     ${chatUrl}          you are ${asker}
  Phones   ${phonesUrl}   you answer those of Adele (also her mobile), Chris Green and Megan (you)
  Console  ${bot.url}/console   watch an escalation climb: choose ${asker} there

Say in the chat, for example:

  call Adele Vance: the build is red     answer on her phone, and read what she hears
  call Chris Green                       choose which; answer his phone, then Megan's: you are connected
  call Debra Berger: lunch?              she declines
  escalate payments: checkout is down    three people, one after another; the third is you
  escalate mobile: checkout is down      Adele in Teams, then on her mobile: answer it, press 1 and then 5
  help

With --channel webchat Teams does not know you: "call Adele Vance" gives you a link to a page on which you talk to her (without
sound).

Or start an escalation from a program, as a monitoring system would, and press Acknowledge on the card when it is your turn:

  ${curl(bot)}

It is the policy "payments" of demo/ringdown.yaml. The bot is at ${bot.url}; it takes this key:
${bot.apiKey}. Nothing leaves this machine. Ctrl-C ends everything.

Kill the bot during a call, in another terminal: the demo starts it again, and the call still ends correctly.

  kill -9 ${bot.pid}

What happens also appears here:
`;
}

/** Starts the escalation that the demo has a policy for. */
export function curl(bot: Pick<Bot, 'url' | 'apiKey'>): string {
  return [
    `curl ${bot.url}/api/v1/escalations`,
    `-H 'Authorization: Bearer ${bot.apiKey}'`,
    `-H 'Content-Type: application/json'`,
    `-d '{"policy": "payments", "summary": "Checkout errors over 5 %"}'`,
  ].join(' \\\n    ');
}

/** Prints what happens, line by line; does not end by itself. */
async function follow(bot: Bot, language: string | undefined): Promise<never> {
  const lines = new InOrder(HOLD_MS, ({ who, words }, place) =>
    console.log(`  ${new Date(place).toTimeString().slice(0, 8)}  ${who.padEnd(9)} ${words}`),
  );
  const line = (who: string, words: string, at: number): void => lines.add({ at, who, words });
  const timelines = new Timelines(bot, Date.now(), line, language);
  for (;;) {
    const askedAt = Date.now();
    await timelines.tell();
    lines.heardUntil(askedAt);
    await pause(LOOK_MS, undefined, { ref: false });
  }
}

function demoPeople(): PersonInput[] {
  return builtInPeople.map((person) =>
    person.userPrincipalName !== undefined && byHand.has(person.userPrincipalName)
      ? { ...person, script: { byHand: true } }
      : person,
  );
}
