import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { deploy, isObject, objectOf, tenantId } from './armTemplate.ts';
import type { Json, JsonObject, Known, Outcome, Resource } from './armTemplate.ts';

/** A template with its parameter file. */
export interface Pair {
  title: string;
  kind: 'BotApp' | 'AzureBot' | 'ContainerApps';
  newGroup: boolean;
  templatePath: string;
  parametersPath: string;
}

const folders = { rg: 'deployUseExistResourceGroup', new: 'deployWithNewResourceGroup' } as const;
const root = new URL('../../deploymentTemplates/', import.meta.url);

const onAppService = (['BotApp', 'AzureBot'] as const).flatMap((kind) =>
  [false, true].map((newGroup): Pair => {
    const folder = newGroup ? folders.new : folders.rg;
    const ending = newGroup ? 'new-rg' : 'with-rg';
    const path = (name: string) => fileURLToPath(new URL(`${folder}/${name}`, root));
    const templatePath = path(`template-${kind}-${ending}.json`);
    return {
      title: basename(templatePath),
      kind,
      newGroup,
      templatePath,
      parametersPath: path(`parameters-for-template-${kind}-${ending}.json`),
    };
  }),
);

/** Instead of BotApp. */
export const containerApps: Pair = {
  title: 'template-ContainerApps.json',
  kind: 'ContainerApps',
  newGroup: false,
  templatePath: fileURLToPath(new URL('containerApps/template-ContainerApps.json', root)),
  parametersPath: fileURLToPath(new URL('containerApps/parameters-for-template-ContainerApps.json', root)),
};

export const pairs: readonly Pair[] = [...onAppService, containerApps];

export function readJson(path: string): JsonObject {
  return objectOf(z.json().parse(JSON.parse(readFileSync(path, 'utf8'))), path);
}

export const ids = {
  app: '30000000-0000-4000-8000-000000000003',
  identityClient: '40000000-0000-4000-8000-000000000004',
  identityPrincipal: '50000000-0000-4000-8000-000000000005',
  communicationPrincipal: '60000000-0000-4000-8000-000000000006',
  immutableResource: '70000000-0000-4000-8000-000000000007',
};

/** Fictional values, all different, so that they can be found again. */
export const secrets = {
  eventGridSecret: 'secret-of-event-grid-0123456789abcdef',
  appPassword: 'secret-of-the-bot~1',
  accessKey: Buffer.from('secret of communication services').toString('base64'),
};

export const connectionString = `endpoint=https://ringdown.europe.communication.azure.com/;accesskey=${secrets.accessKey}`;

const known: Known = {
  'Microsoft.ManagedIdentity/userAssignedIdentities': {
    clientId: ids.identityClient,
    principalId: ids.identityPrincipal,
    tenantId,
  },
  'Microsoft.Web/sites': {
    defaultHostName: 'ringdown.azurewebsites.net',
  },
  'Microsoft.Communication/communicationServices': {
    identity: { principalId: ids.communicationPrincipal },
    hostName: 'ringdown.europe.communication.azure.com',
    immutableResourceId: ids.immutableResource,
  },
  'Microsoft.Communication/communicationServices/listKeys': { primaryConnectionString: connectionString },
  'Microsoft.CognitiveServices/accounts': { endpoint: 'https://ringdown.cognitiveservices.azure.com/' },
  'Microsoft.App/managedEnvironments': { defaultDomain: 'example-1234.westeurope.azurecontainerapps.io' },
  'Microsoft.DBforPostgreSQL/flexibleServers': {
    fullyQualifiedDomainName: 'ringdown.postgres.database.azure.com',
  },
  'Microsoft.Insights/components': {
    ConnectionString: 'InstrumentationKey=00000000-0000-4000-8000-000000000000',
  },
  'Microsoft.BotService/botServices': { endpoint: 'https://ringdown.azurewebsites.net/api/messages' },
};

/** An existing account in another resource group. */
export const elsewhere: Resource = {
  id: '/subscriptions/10000000-0000-4000-8000-000000000001/resourceGroups/shared/providers/Microsoft.CognitiveServices/accounts/contoso-speech',
  type: 'Microsoft.CognitiveServices/accounts',
  apiVersion: '2026-03-01',
  name: 'contoso-speech',
  deployed: true,
  dependsOn: [],
  body: {},
  scope: undefined,
  reads: [],
};

/** The values of a parameter file. */
export function parametersOf(pair: Pair): Record<string, Json> {
  const { parameters } = readJson(pair.parametersPath);
  if (!isObject(parameters)) throw new TypeError('there are no parameters');
  return Object.fromEntries(
    Object.entries(parameters).map(([key, entry]) => [key, isObject(entry) ? (entry.value ?? null) : null]),
  );
}

/** The secrets that people pass on the command line. */
function secretParameters(pair: Pair): Record<string, Json> {
  if (pair.kind === 'AzureBot') return {};
  return { eventGridSecret: secrets.eventGridSecret };
}

/** Deploys a pair with its parameter files and changes: first the app, then the bot. */
export function deployPair(pair: Pair, changes: Readonly<Record<string, Json>> = {}): Outcome {
  const app = pairs.find(({ kind, newGroup }) => kind === 'BotApp' && newGroup === pair.newGroup);
  const shared = ['baseName', 'groupName'].filter((key) => key in changes);
  const existing =
    pair.kind !== 'AzureBot' || app === undefined
      ? []
      : deployPair(app, Object.fromEntries(shared.map((key) => [key, changes[key] ?? null]))).resources;
  return deploy(
    readJson(pair.templatePath),
    { ...parametersOf(pair), ...secretParameters(pair), ...changes },
    {
      known,
      existing: [...existing, { ...elsewhere, id: elsewhere.id.toLowerCase() }],
      secrets: { 'EVENT-GRID-SECRET': secrets.eventGridSecret },
    },
    // The new-rg templates create the group that their parameter file names.
    pair.newGroup ? undefined : 'ringdown',
  );
}
