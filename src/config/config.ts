import { readFileSync } from 'node:fs';
import { normalize } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { clouds } from './clouds.ts';
import type { Cloud } from './clouds.ts';
import { ConfigFaults } from './faults.ts';
import type { ConfigFault } from './faults.ts';
import { environmentSchema, variables } from './environment.ts';
import type { Environment } from './environment.ts';
import { conflicts, fault, given, misspelt, unreplaced, duplicateKeys } from './environmentFaults.ts';
import type { RingdownYaml } from './ringdownSchema.ts';
import { readRingdownYaml } from './ringdownYaml.ts';
import { isAddress } from './rules.ts';
import { NotText, textOf } from './textFile.ts';

/** All settings, validated. `secretValues` lists the secrets among them. */
export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Origin, without a trailing slash. */
  publicUrl: string;
  cloud: Cloud;
  bot: {
    type: 'SingleTenant' | 'UserAssignedMSI';
    /** Absent only with `allowAnonymous`. */
    appId: string | undefined;
    /** Secret. Absent for UserAssignedMSI. */
    appPassword: string | undefined;
    tenantId: string | undefined;
    /** Accept chat messages without a token, and answer without one. */
    allowAnonymous: boolean;
    /** Tenant ids in lower case. Empty only with `allowAnonymous`. */
    allowedTenants: readonly string[];
  };
  acs: {
    /** Origin, without a trailing slash. */
    endpoint: string;
    /** Connection string and key (both secret), or undefined for managed identity. */
    key: { connectionString: string; accessKey: string } | undefined;
    /** The scope that a managed identity requests. */
    tokenScope: string;
    /** Audience of callback tokens. */
    resourceId: string;
    callbackOpenIdUrl: string;
    callbackIssuer: string;
    sourceIdentity: string | undefined;
    callerDisplayName: string;
    /** E.164. Undefined: no phone numbers are called. */
    phoneNumber: string | undefined;
    cognitiveServicesEndpoint: string | undefined;
  };
  dtmfAcknowledge: 'auto' | 'on' | 'off';
  ringTimeoutSeconds: number;
  /** `url` is the root without version and trailing slash; `token` is secret. */
  graph: { url: string; token: string | undefined };
  /** `url` is secret, except with `entra`: then it holds no password, and each connection uses a token. */
  database:
    | { kind: 'postgres'; url: string; auth: Environment['DATABASE_AUTH'] }
    | { kind: 'embedded'; dataDir: string }
    | { kind: 'memory' };
  dataDir: string;
  /** Keys with all rights. `hash` is the SHA-256 in lower-case hex. */
  apiKeys: readonly { name: string; hash: string }[];
  apiEntraAudience: string | undefined;
  /** The console's application id. */
  consoleClientId: string | undefined;
  /** Secret. */
  eventGridSecret: string | undefined;
  metricsToken: string | undefined;
  /** Secret: anybody who has it can send records there. */
  insightsConnectionString: string | undefined;
  teamsAppId: string | undefined;
  /** Where chats in Teams are started; undefined: the cloud's default. */
  teamsServiceUrl: string | undefined;
  logLevel: Environment['LOG_LEVEL'];
  /** The file that `ringdown` was read from. */
  configFile: string | undefined;
  ringdown: RingdownYaml;
}

const defaultConfigFile = './ringdown.yaml';

/**
 * Reads the configuration from the environment and ringdown.yaml. To reload the file, read both again: they must fit
 * together.
 * @param readFile returns undefined if the file does not exist
 * @throws ConfigFaults listing every fault
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string | undefined = readIfExists,
): Config {
  const values = Object.fromEntries(
    Object.entries(environmentSchema.shape).map(([name, rule]) => [
      name,
      given(env[name]) ?? variables.get(rule)?.default,
    ]),
  );
  const parsed = environmentSchema.safeParse(values);
  const faults = unreplaced(values);
  const unread = new Set(faults.map(({ name }) => name));
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0]);
    if (!unread.has(name)) faults.push(fault(name, message));
  }
  const wrong = new Set(faults.map(({ name }) => name));
  const right = environmentSchema
    .partial()
    .parse(Object.fromEntries(Object.entries(values).filter(([name]) => !wrong.has(name))));
  faults.push(...misspelt(env), ...conflicts(right, wrong));

  const { path, ringdown, faults: fileFaults } = readFileOf(right.CONFIG_FILE, env, readFile);
  faults.push(...fileFaults);
  if (ringdown !== undefined) faults.push(...duplicateKeys(right, ringdown));

  if (!parsed.success || ringdown === undefined || faults.length > 0) throw new ConfigFaults(faults);
  return assemble(parsed.data, path, ringdown);
}

/**
 * Reloads the configuration while it is in use. A file that has become empty usually means a full disk or an
 * interrupted editor. A start accepts it, a reload does not.
 *
 * @param before ringdown.yaml as currently in use
 * @throws ConfigFaults
 */
export function readConfigAgain(
  env: Readonly<Record<string, string | undefined>>,
  before: RingdownYaml,
  readFile?: (path: string) => string | undefined,
): Config {
  const config = readConfig(env, readFile);
  if (isEmpty(before) || !isEmpty(config.ringdown)) return config;
  const problem =
    config.configFile === undefined
      ? 'no longer exists; to run without it, restart Ringdown'
      : 'is empty, and had content before; to run without it, restart Ringdown';
  throw new ConfigFaults([{ name: normalize(config.configFile ?? defaultConfigFile), problem, example: '' }]);
}

/** Empty, only comments, or nothing but defaults. */
function isEmpty(ringdown: RingdownYaml): boolean {
  return isDeepStrictEqual(ringdown, readRingdownYaml('', {}));
}

/**
 * Every secret of the configuration, for the log to redact; empty values are left out. Hashes of keys are not secret.
 * Webhook addresses of ringdown.yaml are not included.
 */
export function secretValues(config: Config): string[] {
  const { bot, acs, graph, database, eventGridSecret, metricsToken, insightsConnectionString, ringdown } =
    config;
  const databaseUrl = database.kind === 'postgres' && database.auth === 'password' ? database.url : undefined;
  const password = databaseUrl === undefined ? undefined : URL.parse(databaseUrl)?.password;
  const secrets = [
    bot.appPassword,
    acs.key?.connectionString,
    acs.key?.accessKey,
    graph.token,
    databaseUrl,
    password,
    password === undefined ? undefined : decoded(password),
    eventGridSecret,
    metricsToken,
    insightsConnectionString,
    ...ringdown.webhooks.flatMap((webhook) => webhook.secrets),
    ...ringdown.integrations.map(({ signatureSecret }) => signatureSecret),
    // Anybody who has the address of a calendar can read it.
    ...Object.values(ringdown.rotations).map((rotation) =>
      'ical' in rotation && isAddress(rotation.ical) ? rotation.ical : undefined,
    ),
  ];
  return [...new Set(secrets.filter((value) => value !== undefined))].filter((value) => value !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface FileResult {
  path?: string;
  ringdown?: RingdownYaml;
  faults: readonly ConfigFault[];
}

function readFileOf(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string | undefined,
): FileResult {
  const path = named ?? defaultConfigFile;
  let source: string | undefined;
  try {
    source = readFile(path);
  } catch (error) {
    if (error instanceof NotText) {
      const { line, column, problem } = error;
      return { faults: [{ name: `${normalize(path)}:${line}:${column}`, problem, example: '' }] };
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return { faults: [fault('CONFIG_FILE', `names a file that cannot be read (${code})`)] };
  }
  if (source === undefined && named !== undefined) {
    return { faults: [fault('CONFIG_FILE', 'names a file that does not exist')] };
  }
  try {
    const ringdown = readRingdownYaml(source ?? '', env, normalize(path));
    return source === undefined ? { ringdown, faults: [] } : { path, ringdown, faults: [] };
  } catch (error) {
    if (error instanceof ConfigFaults) return { faults: error.faults };
    throw error;
  }
}

function assemble(environment: Environment, configFile: string | undefined, ringdown: RingdownYaml): Config {
  const cloud = clouds[environment.AZURE_CLOUD];
  const tenantId = environment.MicrosoftAppTenantId;
  const connection = environment.ACS_CONNECTION_STRING;
  return {
    host: environment.HOST,
    port: environment.PORT,
    publicUrl: environment.PUBLIC_URL,
    cloud,
    bot: {
      type: environment.MicrosoftAppType,
      appId: environment.MicrosoftAppId,
      appPassword:
        environment.MicrosoftAppType === 'SingleTenant' ? environment.MicrosoftAppPassword : undefined,
      tenantId,
      allowAnonymous: environment.DANGEROUSLY_ALLOW_ANONYMOUS,
      allowedTenants: environment.ALLOWED_TENANTS ?? (tenantId === undefined ? [] : [tenantId]),
    },
    acs: {
      endpoint: connection?.endpoint ?? environment.ACS_ENDPOINT ?? '',
      key: connection && {
        connectionString: connection.connectionString,
        accessKey: connection.accessKey,
      },
      tokenScope: environment.ACS_TOKEN_SCOPE ?? cloud.acsScope,
      resourceId: environment.ACS_RESOURCE_ID,
      callbackOpenIdUrl: environment.ACS_CALLBACK_OPENID_URL,
      callbackIssuer: environment.ACS_CALLBACK_ISSUER,
      sourceIdentity: environment.ACS_SOURCE_IDENTITY,
      callerDisplayName: environment.CALLER_DISPLAY_NAME,
      phoneNumber: environment.ACS_PHONE_NUMBER,
      cognitiveServicesEndpoint: environment.COGNITIVE_SERVICES_ENDPOINT,
    },
    dtmfAcknowledge: environment.DTMF_ACKNOWLEDGE,
    ringTimeoutSeconds: environment.RING_TIMEOUT_SECONDS,
    graph: { url: environment.GRAPH_URL ?? cloud.graphUrl, token: environment.GRAPH_TOKEN },
    database: databaseOf(environment),
    dataDir: environment.DATA_DIR,
    apiKeys: environment.API_KEYS ?? [],
    apiEntraAudience: environment.API_ENTRA_AUDIENCE,
    consoleClientId: environment.CONSOLE_CLIENT_ID,
    eventGridSecret: environment.EVENT_GRID_SECRET,
    metricsToken: environment.METRICS_TOKEN,
    insightsConnectionString: environment.APPLICATIONINSIGHTS_CONNECTION_STRING,
    teamsAppId: environment.TEAMS_APP_ID,
    teamsServiceUrl: environment.TEAMS_SERVICE_URL,
    logLevel: environment.LOG_LEVEL,
    configFile,
    ringdown,
  };
}

function databaseOf(environment: Environment): Config['database'] {
  const { DATABASE_URL: url, PGPASSWORD: password, DATA_DIR: dataDir, DATABASE_AUTH: auth } = environment;
  if (url === undefined) return { kind: 'embedded', dataDir };
  return url === 'memory:'
    ? { kind: 'memory' }
    : { kind: 'postgres', url: withPassword(url, password), auth };
}

/** The address with this password, if it contains none. */
function withPassword(address: string, password: string | undefined): string {
  const url = new URL(address);
  if (password === undefined || url.password !== '') return address;
  url.password = encodeURIComponent(password);
  return url.href;
}

function readIfExists(path: string): string | undefined {
  try {
    return textOf(readFileSync(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
