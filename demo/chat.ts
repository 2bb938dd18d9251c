import { startConnector } from './connector.ts';
import { PortInUse, connectorOf, startPlayground } from './playground.ts';
import type { Playground, PlaygroundOptions } from './playground.ts';
import { freePort } from './ports.ts';

/** Whoever takes one port after the other from under it wants no chat here. */
const MOST_PORTS = 5;

export interface ChatOptions extends Omit<PlaygroundOptions, 'serviceUrl'> {
  /** Root of the emulator's connector, which keeps what is for those who do not read in the Playground. */
  emulatorConnector: string;
}

/**
 * Starts the Agents Playground together with the connector before it. Should its port be taken meanwhile (between the look
 * and the start), it gets another one: `url` says which.
 *
 * @throws Error if it does not start
 */
export async function startChat({ emulatorConnector, ...options }: ChatOptions): Promise<Playground> {
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
