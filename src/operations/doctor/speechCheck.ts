import type { Config } from '../../config/config.ts';
import { ask } from './ask.ts';
import { found, passed, type Finding } from './findings.ts';

/** Communication Services authenticates with its identity, which needs the resource's own host name. */
const SHARED = /\.api\.cognitive\.microsoft\.(com|us)$/i;

const ENDPOINT = 'COGNITIVE_SERVICES_ENDPOINT=https://<name>.cognitiveservices.azure.com/';

/**
 * Checks whether the speech resource answers. Whether Communication Services may use it, only a call can tell: its
 * identity needs the role, and nobody else can ask on its behalf.
 */
export async function checkSpeech({ acs }: Config, now: () => number): Promise<Finding[]> {
  const endpoint = acs.cognitiveServicesEndpoint;
  if (endpoint === undefined) {
    return [
      found(
        'speechNotConfigured',
        'Messages cannot be spoken: calls with a message are refused, and escalations rely on the card.',
        `${ENDPOINT}   (docs/setup-teams.md#speech)`,
      ),
    ];
  }
  if (SHARED.test(new URL(endpoint).hostname)) {
    return [
      found(
        'speechEndpointShared',
        'The speech endpoint belongs to a region: Communication Services needs the resource’s own endpoint.',
        `${ENDPOINT}   (az cognitiveservices account show --query properties.endpoint)`,
      ),
    ];
  }
  const asked = await ask(endpoint, now);
  if (asked.kind === 'answered') {
    return [
      passed(
        'speech',
        'The speech resource answers. Only a test call shows whether calls may use it (--call).',
      ),
    ];
  }
  return [
    found(
      'speechUnreachable',
      `The speech resource does not answer here: ${asked.why}. (That is fine if it admits only Communication Services.)`,
      `${ENDPOINT}   (az cognitiveservices account show --query properties.endpoint)`,
    ),
  ];
}
