import { startConnector } from './connector.ts';
import { startLanguage } from './language.ts';
import { PortInUse, connectorOf, startPlayground } from './playground.ts';
import type { Playground, PlaygroundOptions } from './playground.ts';
import { freePort } from './ports.ts';

/** Whoever takes one port after the other from under it wants no chat here. */
const MOST_PORTS = 5;

export interface ChatOptions extends Omit<PlaygroundOptions, 'serviceUrl'> {
  /** Root of the emulator's connector, which keeps what is for those who do not read in the Playground. */
  emulatorConnector: string;
  /** What the chat says Teams is set to, asked at each activity; what the Playground says if absent, which is English. */
  language?: () => string;
}

/**
 * Starts the Agents Playground together with the connector before it. Should its port be taken meanwhile (between the look
 * and the start), it gets another one: `url` says which.
 *
 * @throws Error if it does not start
 */
export async function startChat({ language, ...options }: ChatOptions): Promise<Playground> {
  if (!language) return await startWithConnector(options);
  const before = await startLanguage(options.endpoint, language);
  try {
    const playground = await startWithConnector({ ...options, endpoint: before.url });
    return {
      url: playground.url,
      stop: async () => {
        await playground.stop();
        await before.stop();
      },
    };
  } catch (error) {
    await before.stop();
    throw error;
  }
}

async function startWithConnector({
  emulatorConnector,
  ...options
}: Omit<ChatOptions, 'language'>): Promise<Playground> {
  let { port } = options;
  for (let tried = 1; ; tried++) {
    const connector = await startConnector({
      playground: connectorOf(port),
      emulator: emulatorConnector,
      reader: options.user.id,
    });
    try {
      const playground = await startPlayground({ ...options, port, serviceUrl: connector.url });
      return {
        url: playground.url,
        stop: async () => {
          await playground.stop();
          await connector.stop();
        },
      };
    } catch (error) {
      await connector.stop();
      if (!(error instanceof PortInUse) || tried === MOST_PORTS) throw error;
      port = await freePort();
    }
  }
}
