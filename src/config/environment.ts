import { z } from 'zod';
import { acsCallbacks, clouds } from './clouds.ts';
import {
  apiKeys,
  appType,
  choice,
  connectionString,
  databaseUrl,
  graphRoot,
  insightsConnectionString,
  list,
  number,
  yesOrNo,
} from './environmentForms.ts';
import { guidPattern } from './guids.ts';
import { editDistance } from './nearWord.ts';
import { guid, safeOrigin, safeUrl, text } from './rules.ts';

/** What a variable is for. `.env.example` repeats it for people, and a test compares the two. */
export interface Variable {
  about: string;
  /** A valid value, shown beside a fault. */
  example: string;
  /** The default if the variable is absent or empty. */
  default?: string;
  /** Whether every production set-up must set it. */
  toFill?: true;
}

/** The `Variable` of each schema in `environmentSchema.shape`. */
export const variables = z.registry<Variable>();

/**
 * Every variable, parsed from its text. Absent or empty ones have been given their defaults before. Rules between
 * variables are in environmentFaults.ts.
 */
export const environmentSchema = z.object({
  PORT: number(0, 65_535).register(variables, {
    about: 'Port to listen on; 0 takes any free one.',
    default: '3978',
    example: '3978',
  }),
  HOST: text(
    'must be an address or host name of this machine, without scheme or port',
    /^[\w.-]+$|^[0-9a-f:.]+$/i,
  ).register(variables, { about: 'Address to listen on.', default: '0.0.0.0', example: '127.0.0.1' }),
  PUBLIC_URL: safeOrigin().register(variables, {
    about:
      'Where people and Azure Communication Services reach Ringdown: https, without a path; http on loopback only.',
    example: 'https://ringdown.contoso.example',
    toFill: true,
  }),
  MicrosoftAppType: appType.register(variables, {
    about: 'Kind of the bot: SingleTenant (with a password) or UserAssignedMSI (managed identity).',
    default: 'SingleTenant',
    example: 'SingleTenant',
  }),
  MicrosoftAppId: guid().optional().register(variables, {
    about: "The bot's application (client) id.",
    example: '11111111-2222-3333-4444-555555555555',
    toFill: true,
  }),
  MicrosoftAppPassword: z.string().optional().register(variables, {
    about: 'The client secret, for SingleTenant only.',
    example: 'the value (not the id) of a client secret of the app registration',
    toFill: true,
  }),
  MicrosoftAppTenantId: guid().optional().register(variables, {
    about: 'The directory (tenant) id of the bot.',
    example: '11111111-2222-3333-4444-555555555555',
    toFill: true,
  }),
  DANGEROUSLY_ALLOW_ANONYMOUS: yesOrNo().register(variables, {
    about:
      'true: accept chat messages without a token. For use on one machine: HOST and PUBLIC_URL must be loopback.',
    default: 'false',
    example: 'false',
  }),
  ALLOWED_TENANTS: text('must be tenant ids, separated by commas')
    .transform(list)
    .pipe(
      z
        .array(guid(), { error: 'must be tenant ids' })
        .min(1, { error: 'must be tenant ids, separated by commas' }),
    )
    .optional()
    .register(variables, {
      about:
        'Entra tenants whose Teams users may use the bot, separated by commas. Empty: the tenant of the bot.',
      example: '11111111-2222-3333-4444-555555555555,66666666-7777-8888-9999-000000000000',
    }),
  ACS_CONNECTION_STRING: connectionString.optional().register(variables, {
    about: 'Azure Communication Services with an access key. Set this or ACS_ENDPOINT.',
    example: 'endpoint=https://contoso.communication.azure.com/;accesskey=<key>',
    toFill: true,
  }),
  ACS_ENDPOINT: safeOrigin().optional().register(variables, {
    about: 'Azure Communication Services with a managed identity.',
    example: 'https://contoso.communication.azure.com',
  }),
  ACS_RESOURCE_ID: guid().register(variables, {
    about:
      'Immutable id of the Communication Services resource, a GUID: az communication show --query immutableResourceId',
    example: '11111111-2222-3333-4444-555555555555',
    toFill: true,
  }),
  ACS_CALLBACK_OPENID_URL: safeUrl().register(variables, {
    about: 'Where the signing keys of callback tokens are published.',
    default: acsCallbacks.openIdUrl,
    example: acsCallbacks.openIdUrl,
  }),
  ACS_CALLBACK_ISSUER: safeUrl().register(variables, {
    about: 'Issuer of callback tokens.',
    default: acsCallbacks.issuer,
    example: acsCallbacks.issuer,
  }),
  ACS_TOKEN_SCOPE: text('must be a scope that ends in /.default', /^\S+\/\.default$/)
    .optional()
    .register(variables, {
      about:
        'The scope that a managed identity requests for ACS. Empty: by AZURE_CLOUD. Unconfirmed for the government clouds.',
      example: clouds.public.acsScope,
    }),
  ACS_SOURCE_IDENTITY: text('must be the raw id of a Communication Services user', /^8:[\w-]*acs:[\w-]+$/)
    .optional()
    .register(variables, {
      about:
        'The Communication Services user that places the calls. Empty: one is created and kept in the database.',
      example: '8:acs:11111111-2222-3333-4444-555555555555_00000000-0000-0000-0000-000000000000',
    }),
  CALLER_DISPLAY_NAME: text('must be a name on one line', /^[^\p{Cc}]{1,256}$/u).register(variables, {
    about: "The name that the callee's Teams shows.",
    default: 'Ringdown',
    example: 'Ringdown',
  }),
  ACS_PHONE_NUMBER: text('must be a number in E.164, such as +4930123456', /^\+[1-9]\d{6,14}$/)
    .optional()
    .register(variables, {
      about:
        'A telephone number of the Communication Services resource, in E.164. Calls to phone numbers come from it; without it there are none.',
      example: '+4930123456',
    }),
  COGNITIVE_SERVICES_ENDPOINT: safeUrl().optional().register(variables, {
    about: 'Azure AI services resource for text to speech. Without it no messages are spoken.',
    example: 'https://contoso.cognitiveservices.azure.com',
  }),
  DTMF_ACKNOWLEDGE: choice(['auto', 'on', 'off']).register(variables, {
    about:
      'Acknowledgement by key press: on, off, or auto, which always listens but asks people to press a key only once a tone has been received from this tenant.',
    default: 'auto',
    example: 'auto',
  }),
  RING_TIMEOUT_SECONDS: number(5, 120).register(variables, {
    about: 'How long to wait for an answer, in seconds, 5 to 120.',
    default: '45',
    example: '45',
  }),
  AZURE_CLOUD: choice(['public', 'gcc', 'gcch', 'dod']).register(variables, {
    about:
      'Cloud of the tenant: public, gcc, gcch (GCC High) or dod. Microsoft does not document bots for DoD.',
    default: 'public',
    example: 'public',
  }),
  GRAPH_URL: graphRoot.optional().register(variables, {
    about: 'Root of Microsoft Graph, without the version. Empty: by AZURE_CLOUD.',
    example: clouds.public.graphUrl,
  }),
  GRAPH_TOKEN: z.string().optional().register(variables, {
    about:
      'A fixed token for Graph, allowed only with a GRAPH_URL on loopback. Empty: DefaultAzureCredential.',
    example: 'empty, unless GRAPH_URL is http://127.0.0.1:…',
  }),
  DATABASE_URL: databaseUrl.optional().register(variables, {
    about:
      'PostgreSQL. Empty: embedded PostgreSQL in DATA_DIR. The value memory: (with its colon) keeps data only until Ringdown stops.',
    example: 'postgres://ringdown:<password>@localhost:5432/ringdown',
  }),
  PGPASSWORD: z.string().optional().register(variables, {
    about: 'Password for DATABASE_URL, if the URL has none. It need not be encoded here.',
    example: 'the password of the database user',
  }),
  DATABASE_AUTH: choice(['password', 'entra']).register(variables, {
    about:
      'entra: no password; a managed identity signs in with Entra tokens, which are renewed. DATABASE_URL names its database role.',
    default: 'password',
    example: 'password',
  }),
  DATA_DIR: text('must be a folder').register(variables, {
    about: 'Folder of the embedded PostgreSQL; one process only.',
    default: './data',
    example: './data',
  }),
  API_KEYS: apiKeys.optional().register(variables, {
    about:
      'Keys with all rights under /api/v1: name:sha256-hex-of-the-key, separated by commas. Create one with npm run key.',
    example: `ci:${'0123456789abcdef'.repeat(4)}`,
  }),
  API_ENTRA_AUDIENCE: text(
    'must be the application id of the API (a GUID), or its application ID URI',
    new RegExp(`${guidPattern.source}|^(?:api|https)://\\S+$`, 'i'),
  )
    .optional()
    .register(variables, {
      about:
        'If set, /api/v1 also accepts Entra tokens for this application with the app role or scope Calls.Place. Version 2 tokens name the application id, version 1 tokens the URI.',
      example: '00000000-0000-0000-0000-000000000000',
    }),
  CONSOLE_CLIENT_ID: guid().optional().register(variables, {
    about:
      "The console's application (client) id in Entra. Without it the console is off, except with DANGEROUSLY_ALLOW_ANONYMOUS.",
    example: '00000000-0000-0000-0000-000000000000',
  }),
  EVENT_GRID_SECRET: z.string().optional().register(variables, {
    about: 'The secret that Event Grid sends as ?token=. Without it /api/events answers 404.',
    example: 'the output of: openssl rand -hex 32',
  }),
  METRICS_TOKEN: text('must be at least 16 characters, without spaces', /^[\x21-\x7e]{16,}$/)
    .optional()
    .register(variables, {
      about:
        'If set, /metrics requires it as bearer token. If not, /metrics answers only loopback and private addresses, and no request through a proxy.',
      example: '0123456789abcdef'.repeat(4),
    }),
  TEAMS_APP_ID: guid().optional().register(variables, {
    about: "The Teams app's id in the tenant's app catalogue. With it Ringdown installs the app for callees.",
    example: '11111111-2222-3333-4444-555555555555',
  }),
  TEAMS_SERVICE_URL: safeUrl().optional().register(variables, {
    about:
      'Where the bot starts chats in Teams before anybody of the tenant has written to it. Empty: by AZURE_CLOUD.',
    example: clouds.public.serviceUrl,
  }),
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString.optional().register(variables, {
    about: 'Application Insights, for traces, metrics and logs. Empty: off.',
    example:
      'InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=https://insights.contoso.example/',
  }),
  CONFIG_FILE: text('must be a file').optional().register(variables, {
    about: 'The file with keys, permissions, rotations and policies. Empty: ./ringdown.yaml if it exists.',
    example: './ringdown.yaml',
  }),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).register(variables, {
    about: 'Minimum log level: trace, debug, info, warn, error, fatal or silent.',
    default: 'info',
    example: 'info',
  }),
});

export type Environment = z.infer<typeof environmentSchema>;

/**
 * The variable that an unknown name was probably meant to be, or undefined. Only names with a prefix of ours are
 * checked, so that variables of other programs are ignored.
 */
export function nearVariable(name: string): string | undefined {
  const written = name.toLowerCase();
  return Object.keys(environmentSchema.shape).find((ours) => {
    const meant = ours.toLowerCase();
    // Short names (PORT, HOST) resemble too many others.
    if (ours.length < 8 || name === ours || written.slice(0, 4) !== meant.slice(0, 4)) return false;
    return editDistance(written, meant) <= 2;
  });
}
