import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEmulator } from '../emulator/emulator.ts';
import { Bot } from './bot.ts';
import { freePort } from './ports.ts';
import { runInteractive } from './interactive.ts';
import { exitCodes, say } from './say.ts';
import { onStopSignal } from './stopSignals.ts';

const usage = `npm run demo                                   everything on this machine, in the browser
npm run demo -- --say 'call Adele Vance: hi'   send one message and show its call in the terminal

  --say TEXT        send this message, then end (exit 0: answered, acknowledged or connected; 2: not; 1: a fault)
  --from NAME       who sends it (default Megan Bowen)
  --data-dir DIR    keep the database there (default: deleted at the end)
  --channel ID      where you chat: msteams (default) or webchat, where Teams does not know you
  --language ID     the language of the cards and the voice (default en), such as de, pt-BR or ja
  --port N          the bot's port (default: a free one with --say, else 3978)`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      say: { type: 'string' },
      from: { type: 'string', default: 'Megan Bowen' },
      'data-dir': { type: 'string' },
      port: { type: 'string' },
      channel: { type: 'string' },
      language: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return exitCodes.reached;
  }
  if (values.say === undefined)
    return await runInteractive({
      port: values.port,
      dataDir: values['data-dir'],
      channel: values.channel,
      language: values.language,
    });

  const thrownAway = values['data-dir'] ? null : mkdtempSync(join(tmpdir(), 'ringdown-demo-'));
  const emulator = createEmulator();
  const addresses = await emulator.start();
  const bot = new Bot({
    emulator: addresses,
    port: values.port ? Number(values.port) : await freePort(),
    database: { dataDir: values['data-dir'] ?? thrownAway ?? '' },
    language: values.language,
    onCrash: (code, signal) => {
      console.log(`           The bot ended (${signal ?? code}); starting it again …`);
      bot.start().catch((error: unknown) => {
        console.error(error);
        process.exitCode = exitCodes.fault;
      });
    },
  });
  const stop = async (): Promise<void> => {
    await bot.stop();
    await emulator.stop();
    if (thrownAway) rmSync(thrownAway, { recursive: true, force: true });
  };
  const ignoreSignals = onStopSignal(() => {
    void stop().then(() => process.exit(130));
  });
  try {
    await bot.start();
    emulator.channel.connect(`${bot.url}/api/messages`);
    const { say: text, from, channel, language } = values;
    return await say({ text, from, channel, language, emulator, bot, print: console.log });
  } finally {
    await stop();
    ignoreSignals();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodes.fault;
}
