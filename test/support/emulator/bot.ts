import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { CloudAdapter, ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type { TurnContext } from 'botbuilder';
import { z } from 'zod';

/** A bot built on the real Bot Framework SDK, without authentication. */
export class Bot {
  readonly adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}));
  /** The turn handler, which tests replace. */
  turn: (context: TurnContext) => Promise<void> = async () => undefined;
  readonly authorizations: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((message, response) => {
      const parts: Buffer[] = [];
      message.on('data', (part: Buffer) => parts.push(part));
      message.on('end', () => {
        this.authorizations.push(message.headers.authorization ?? '');
        const body = z
          .record(z.string(), z.unknown())
          .parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
        const answer = {
          socket: message.socket,
          header: (name: string, value: unknown) => response.setHeader(name, String(value)),
          status: (code: number) => (response.statusCode = code),
          send: (content: unknown) =>
            response.write(typeof content === 'string' ? content : JSON.stringify(content)),
          end: () => response.end(),
        };
        const request = { body, headers: message.headers, method: 'POST' };
        this.adapter
          .process(request, answer, (context) => this.turn(context))
          .catch((error: unknown) => {
            response.statusCode = 500;
            response.end(String(error));
          });
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new TypeError('no address');
    return `http://127.0.0.1:${address.port}/api/messages`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
