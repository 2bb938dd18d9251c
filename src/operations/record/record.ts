import { timeNow } from '../../clock.ts';
import { secretValues, type Config } from '../../config/config.ts';
import { isLoopbackHost } from '../../config/loopback.ts';
import { markdown, type RecordDocument, type Surroundings } from './document.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { runSteps, type StepRecord, type StepTools } from './run.ts';
import type { Step } from './steps.ts';

export interface RecordParts {
  config: Config;
  version: string;
  node: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** The person to call, as in a chat. */
  person: string | undefined;
  chosen: readonly Step[];
}

export interface Written {
  steps: readonly StepRecord[];
  json: string;
  markdown: string;
}

/**
 * Runs the steps and writes the record. It contains only words and numbers of the code, nothing that a service, a
 * person or a setting said. As a safeguard, anything else is replaced.
 */
export async function record(parts: RecordParts, tools: StepTools): Promise<Written> {
  const { config, person, chosen } = parts;
  const pseudonyms = new Pseudonyms(secretValues(config));
  const { acs, database } = config;
  const addresses = [
    config.publicUrl,
    acs.endpoint,
    acs.cognitiveServicesEndpoint,
    database.kind === 'postgres' ? database.url : undefined,
  ];
  pseudonyms.add(
    'host',
    addresses.map((address) => (address === undefined ? undefined : URL.parse(address)?.hostname)),
  );
  pseudonyms.add('person', [person]);
  pseudonyms.add('name', [acs.callerDisplayName === 'Ringdown' ? undefined : acs.callerDisplayName]);
  const surroundings = surroundingsOf(parts, timeNow(tools.clock));
  const steps = await runSteps(chosen, tools);
  const document: RecordDocument = { surroundings, steps };
  const plain = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? pseudonyms.plain(value) : value;
  return {
    steps,
    json: `${JSON.stringify(document, plain, 2)}\n`,
    markdown: pseudonyms.plain(markdown(document)),
  };
}

function surroundingsOf({ config, version, node, environment }: RecordParts, at: string): Surroundings {
  const isLocal = isLoopbackHost(new URL(config.acs.endpoint).hostname);
  const host =
    environment['WEBSITE_SITE_NAME'] !== undefined
      ? 'App Service'
      : environment['CONTAINER_APP_NAME'] !== undefined
        ? 'Container Apps'
        : environment['KUBERNETES_SERVICE_HOST'] !== undefined
          ? 'Kubernetes'
          : 'another machine';
  return {
    version,
    node,
    at,
    host,
    against: isLocal ? 'emulator' : 'azure',
    cloud: environment['AZURE_CLOUD'] ?? 'public',
    bot: config.bot.type,
    communicationServices: config.acs.key === undefined ? 'identity' : 'key',
    database: config.database.kind,
  };
}
