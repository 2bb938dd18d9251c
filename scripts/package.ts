import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigFaults } from '../src/config/faults.ts';
import { guid, safeUrl } from '../src/config/rules.ts';
import { loadDotEnv } from '../src/config/dotEnv.ts';
import { environmentSchema } from '../src/config/environment.ts';
import { isLoopbackHost } from '../src/config/loopback.ts';
import { zip } from './zip.ts';

/*
 * `npm run package`: builds the Teams app package from appPackage/ and the environment (.env is read if present).
 *
 * The manifest's id is the bot's, unless TEAMS_MANIFEST_ID is set. TEAMS_APP_ID is not used: that is the id that the
 * tenant's app catalogue assigns at upload, and the two differ.
 *
 * `npm run package -- --zip`: builds the server for Azure App Service instead.
 */

type Variables = Readonly<Record<string, string | undefined>>;

export class PackageFaults extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

const source = fileURLToPath(new URL('../appPackage/', import.meta.url));
/** Relative to the folder that npm runs in, which is the project's. */
export const packagePath = join('dist', 'ringdown-teams.zip');

const { MicrosoftAppId, PUBLIC_URL, CONSOLE_CLIENT_ID } = environmentSchema.shape;
const settings = z.object({
  MicrosoftAppId: MicrosoftAppId.unwrap(),
  PUBLIC_URL: PUBLIC_URL.refine((url) => !isLoopbackHost(new URL(url).hostname), {
    error: 'must be Ringdown’s address as Teams reaches it, not a loopback address',
  }),
  CONSOLE_CLIENT_ID,
  TEAMS_MANIFEST_ID: guid().optional(),
  TEAMS_WEBSITE_URL: safeUrl().optional(),
  TEAMS_PRIVACY_URL: safeUrl().optional(),
  TEAMS_TERMS_URL: safeUrl().optional(),
});

/** The manifest's value for each placeholder. @throws PackageFaults listing everything that is wrong */
export function placeholders(environment: Variables): Record<string, string> {
  const given = Object.fromEntries(
    Object.keys(settings.shape).map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const { data, error } = settings.safeParse(given);
  if (data === undefined) {
    throw new PackageFaults(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
  }
  const website = data.TEAMS_WEBSITE_URL ?? data.PUBLIC_URL;
  return {
    TEAMS_APP_ID: data.TEAMS_MANIFEST_ID ?? data.MicrosoftAppId,
    BOT_ID: data.MicrosoftAppId,
    // Teams issues tokens for this application. It may install the app for people, too.
    SIGN_IN_ID: data.CONSOLE_CLIENT_ID ?? data.MicrosoftAppId,
    PUBLIC_URL: data.PUBLIC_URL,
    DOMAIN: new URL(data.PUBLIC_URL).hostname,
    WEBSITE_URL: website,
    PRIVACY_URL: data.TEAMS_PRIVACY_URL ?? website,
    TERMS_URL: data.TEAMS_TERMS_URL ?? website,
  };
}

/** Replaces `${{NAME}}` in a text. @throws PackageFaults for a name without a value */
export function fill(text: string, values: Variables): string {
  const missing: string[] = [];
  const filled = text.replaceAll(/\$\{\{(\w+)\}\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) missing.push(`${placeholder} has no value`);
    // The value is inside a JSON string.
    return JSON.stringify(value ?? '').slice(1, -1);
  });
  if (missing.length > 0) throw new PackageFaults(missing);
  return filled;
}

/** The manifest's tabs, and their names in the languages' files. */
const consoleKeys = /^(?:staticTabs|configurableTabs)/;

/** A JSON file of the package without what belongs to the console. */
function withoutConsole(text: string): string {
  const all = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  const kept = Object.entries(all).filter(([key]) => !consoleKeys.test(key));
  return `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`;
}

/**
 * The files of the package by name: the manifest, filled in, its icons, and a file for each language. The console's tabs
 * are there only with CONSOLE_CLIENT_ID.
 */
export function packageFiles(environment: Variables): Record<string, Uint8Array> {
  const names = readdirSync(source).filter((name) => /\.(?:json|png)$/.test(name));
  const files = Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(source, name))]));
  files['manifest.json'] = Buffer.from(fill(String(files['manifest.json']), placeholders(environment)));
  if (environment['CONSOLE_CLIENT_ID']?.trim()) return files;
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) =>
      name.endsWith('.json') ? [name, Buffer.from(withoutConsole(String(bytes)))] : [name, bytes],
    ),
  );
}

function packageApp(): void {
  loadDotEnv();
  const archive = zip(packageFiles(env));
  mkdirSync(dirname(packagePath), { recursive: true });
  writeFileSync(packagePath, archive);
  const { TEAMS_APP_ID, BOT_ID, DOMAIN } = placeholders(env);
  const tabs = env['CONSOLE_CLIENT_ID']?.trim() ? 'with the console' : 'without the console';
  console.log(`${packagePath}: app ${TEAMS_APP_ID}, bot ${BOT_ID}, ${DOMAIN}, ${tabs}`);
  console.log('To upload it, see docs/setup-teams.md#app-upload.');
}

async function packageServer(): Promise<void> {
  const { writeServerZip } = await import('./serverZip.ts');
  const { path, bytes } = await writeServerZip();
  console.log(`${path}: ${(bytes / 1e6).toFixed(1)} MB`);
  console.log('To deploy it, see docs/deploy.md#4-the-code.');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (argv.includes('--zip')) await packageServer();
    else packageApp();
  } catch (error) {
    if (error instanceof ConfigFaults) console.error(error.message);
    else if (error instanceof PackageFaults) {
      console.error('The app package cannot be built:');
      for (const fault of error.faults) console.error(`  ${fault}`);
    } else throw error;
    exit(1);
  }
}
