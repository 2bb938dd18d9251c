import type { Config } from '../../config/config.ts';
import { ask } from './ask.ts';
import { found, right, type Finding } from './findings.ts';

/** Communication Services speaks with the resource's own name only, because it comes with its identity. */
const SHARED = /\.api\.cognitive\.microsoft\.(com|us)$/i;

const ENDPOINT = 'COGNITIVE_SERVICES_ENDPOINT=https://<name>.cognitiveservices.azure.com/';

/**
 * Whether the speech resource is there. Whether Communication Services may use it only a call tells: its identity needs
 * the role, and that nobody else can ask for it.
 */
export async function checkSpeech({ acs }: Config, now: () => number): Promise<Finding[]> {
  const endpoint = acs.cognitiveServicesEndpoint;
  if (endpoint === undefined) {
    return [
      found(
        'speechNotConfigured',
        'No message can be spoken: calls with a message are refused, and escalations rely on the card.',
        `${ENDPOINT}   (docs/setup-teams.md#speech)`,
      ),
    ];
  }
  if (SHARED.test(new URL(endpoint).hostname)) {
    return [
      found(
        'speechEndpointShared',
        'The speech endpoint is that of a region: Communication Services needs the resource’s own.',
        `${ENDPOINT}   (az cognitiveservices account show --query properties.endpoint)`,
      ),
    ];
  }
  const asked = await ask(endpoint, now);
  if (asked.kind === 'answered') {
    return [
      right(
        'speech',
        'The speech resource answers. Whether calls may use it, only a test call tells (--call).',
      ),
    ];
  }
  return [
    found(
      'speechUnreachable',
      `The speech resource does not answer here: ${asked.why}. (If it admits only Communication Services, that may be right.)`,
      `${ENDPOINT}   (az cognitiveservices account show --query properties.endpoint)`,
    ),
  ];
}
