import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Person } from '../emulator/people/person.ts';

/*
 * Microsoft's Agents Playground (0.2.28), the chat client of the demo. What was seen of it, as channel `msteams`:
 *
 * - `serviceUrl` is `http://localhost:<port>/_connector`, unless `--service-url` says otherwise.
 * - Activities come without a token, because it is given no client id. They carry `from.id` and `from.aadObjectId` of
 *   the configuration file (`from.name` in messages and invokes, not in conversationUpdate and installationUpdate),
 *   `channelData.tenant.id`, `conversation` with id, conversationType and tenantId; in a group chat and a channel
 *   `isGroup`, in a channel `channelData.team` and `channelData.channel`. There is no `x-forwarded-for`.
 * - When a conversation is first opened, the bot gets installationUpdate (`action: add`) and conversationUpdate; on a
 *   start also `HEAD /api/messages`, whose status does not matter to it.
 * - Its client sends `Action.Execute` as the invoke `adaptiveCard/action` with `replyToId`, and puts the card of the answer
 *   in the place of the card; `Action.Submit` as a message with `value` and without `text`. Both show "Your response
 *   was sent to the app".
 * - Its connector knows: send, reply, update (the message stays where it is), delete, members, one member, paged
 *   members, team, channels, create a conversation. Proactive messages are shown. Message ids are the time in
 *   milliseconds. No attachments, no reactions, no targeted messages.
 * - In the group chat and in channels the bot gets only messages that mention it. It offers people to mention after
 *   an "@", to be chosen with the mouse or the arrow keys, and writes `<at>Name</at>` with a mention entity.
 * - No people picker, no manifest, so no command menu.
 * - Its page asks Microsoft's CDN for a font; without it, it takes the machine's.
 */

/** Its configuration file must name exactly so many people besides the one who types. */
const OTHERS = 5;
const START_MS = 30_000;

export interface PlaygroundOptions {
  /** Where the bot takes activities: `http://…/api/messages`. */
  endpoint: string;
  /** A port that is free: it does not say so when it takes another one. */
  port: number;
  /** Where the bot is to send its messages. */
  serviceUrl: string;
  tenantId: string;
  /** As which channel it sends: `msteams` unless it is said. */
  channel?: string;
  /** Who types. */
  user: Person;
  /** Five more, who are in its group chat and its team. */
  others: Person[];
  /** It ended although nobody asked it to. */
  onCrash?: (reason: string) => void;
}

export interface Playground {
  url: string;
  stop(): Promise<void>;
}

/** Somebody else has the port that it was to have. */
export class PortInUse extends Error {
  constructor(port: number) {
    super(`Microsoft's Agents Playground did not start: port ${port} is in use.`);
    this.name = 'PortInUse';
  }
}

/**
 * Starts the Agents Playground as a child process, on loopback only. It opens no browser and sends no telemetry.
 *
 * @throws PortInUse; Error with the end of its log if it does not start
 */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-chat-'));
  const url = `http://127.0.0.1:${options.port}`;
  let stopping = false;
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    stopping = true;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      // It keeps nothing, and has no other way to be ended.
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    child = spawnPlayground(options, folder);
    const why = await outcomeOfStart(child, options.port);
    if (why === 'portInUse') throw new PortInUse(options.port);
    if (why !== null)
      throw new Error(`Microsoft's Agents Playground did not start: ${why}\n${logOf(folder)}`);
  } catch (error) {
    await stop();
    throw error;
  }
  child.once('exit', (code, signal) => {
    if (!stopping) options.onCrash?.(`it ended (${signal ?? code})`);
  });
  return { url, stop };
}

/** Root of the connector of a Playground on that port. */
export function connectorOf(port: number): string {
  return `http://127.0.0.1:${port}/_connector`;
}

function spawnPlayground(options: PlaygroundOptions, folder: string): ChildProcess {
  const config = join(folder, '.m365agentsplayground.yml');
  writeFileSync(config, stringify(playgroundConfig(options)));
  // Nothing else of the surrounding environment: a proxy, for instance, would get the messages for the bot.
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot', 'windir'].flatMap(
    (name): [string, string][] => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    },
  );
  return spawn(
    process.execPath,
    [
      '--import',
      new URL('./playgroundPreload.ts', import.meta.url).href,
      executable(),
      'start',
      '--app-endpoint',
      options.endpoint,
      '--channel-id',
      options.channel ?? 'msteams',
      '--port',
      String(options.port),
      '--service-url',
      options.serviceUrl,
      '--disable-telemetry',
    ],
    {
      cwd: folder,
      env: {
        ...Object.fromEntries(kept),
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: config,
        M365_AGENTS_PLAYGROUND_LOGFILE: logFile(folder),
        TEAMSAPPTESTER_BROWSER: 'none',
        // The telemetry client reports about itself unless it is told not to.
        APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
        APPLICATION_INSIGHTS_NO_DIAGNOSTIC_CHANNEL: '1',
      },
      // Its end of stdin closes when this process ends, however that happens.
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
}

/** Null once it listens on the port; `portInUse` if it took another one; else why it does not. */
async function outcomeOfStart(child: ChildProcess, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const late = setTimeout(() => resolve(`nothing came within ${START_MS / 1000} s.`), START_MS);
    const end = (why: string | null): void => {
      clearTimeout(late);
      resolve(why);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(`it ended (${signal ?? code}).`));
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const listening = /Listening on (\d+)/.exec(output);
      if (!listening) return;
      end(listening[1] === String(port) ? null : 'portInUse');
    });
  });
}

/** @see https://aka.ms/teams-app-test-tool-config-guide */
function playgroundConfig({ tenantId, user, others }: PlaygroundOptions): object {
  if (others.length !== OTHERS) throw new RangeError(`The Agents Playground wants ${OTHERS} other people.`);
  return {
    version: '0.1.1',
    tenantId,
    bot: { id: '28:ringdown', name: 'Ringdown' },
    currentUser: account(user),
    users: others.map(account),
    personalChat: { id: 'a:personal-chat' },
    groupChat: { id: '19:operations@thread.v2', name: 'Operations' },
    team: {
      id: '19:general@thread.tacv2',
      name: 'Contoso',
      aadGroupId: '0d9f3c2e-6a5b-4c1d-8e7f-1a2b3c4d5e10',
      channels: [{ id: '19:incidents@thread.tacv2', name: 'Incidents' }],
    },
  };
}

function account(person: Person): object {
  return {
    id: `29:${person.id}`,
    name: person.displayName,
    // Spelt so by its schema.
    userPrincipleName: person.userPrincipalName,
    aadObjectId: person.id,
    givenName: person.givenName ?? '',
    surname: person.surname ?? '',
    email: person.mail ?? '',
  };
}

/** What `npx agentsplayground` would run. */
function executable(): string {
  const packageFile = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/package.json');
  return join(dirname(packageFile), 'cli.js');
}

function logFile(folder: string): string {
  return join(folder, 'playground.log');
}

function logOf(folder: string): string {
  try {
    return readFileSync(logFile(folder), 'utf8').trim().split('\n').slice(-10).join('\n');
  } catch {
    return '';
  }
}
