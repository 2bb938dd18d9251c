import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

const CloudEvents = z.array(
  z.looseObject({
    id: z.string(),
    type: z.string(),
    time: z.string(),
    data: z.looseObject({
      callConnectionId: z.string(),
      operationContext: z.string().optional(),
      resultInformation: z.object({ code: z.number(), subCode: z.number(), message: z.string() }).optional(),
    }),
  }),
);
type CloudEvent = z.infer<typeof CloudEvents>[number];

export interface ReceivedEvent extends CloudEvent {
  /** Without the prefix `Microsoft.Communication.` */
  name: string;
  /** The code and subcode of the result. */
  codes: string;
  /** As in the request, for a parser. */
  raw: unknown;
}

export interface ReceivedRequest {
  path: string;
  authorization: string;
  events: ReceivedEvent[];
}

/** An application that receives callbacks: it records them, and answers as a test wants. */
export class Application {
  readonly requests: ReceivedRequest[] = [];
  /** The answers to the next requests; after them 200. `cut` closes the connection. */
  readonly answers: (number | 'cut')[] = [];
  readonly #server: Server;
  #url = '';

  constructor() {
    this.#server = createServer((message, response) => {
      const parts: Buffer[] = [];
      message.on('data', (part: Buffer) => parts.push(part));
      message.on('end', () => {
        const raw: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'));
        const rawEvents = z.array(z.unknown()).parse(raw);
        const events = CloudEvents.parse(raw).map((event, index) => received(event, rawEvents[index]));
        this.requests.push({
          path: message.url ?? '',
          authorization: message.headers.authorization ?? '',
          events,
        });
        const answer = this.answers.shift() ?? 200;
        if (answer === 'cut') {
          message.socket.destroy();
          return;
        }
        response.statusCode = answer;
        response.end();
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new TypeError('no address');
    this.#url = `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get callbackUri(): string {
    return `${this.#url}/callbacks`;
  }

  /** Every received event, including those answered with an error. */
  get events(): ReceivedEvent[] {
    return this.requests.flatMap(({ events }) => events);
  }

  /** `CallConnected 200/0` and so on, in order of arrival. */
  get story(): string[] {
    return this.events.map(({ name, codes }) => `${name} ${codes}`);
  }

  /** The last event of this name. */
  last(name: string): ReceivedEvent {
    const found = this.events.findLast((event) => event.name === name);
    if (!found) throw new RangeError(`no ${name} in: ${this.story.join(', ')}`);
    return found;
  }
}

function received(event: CloudEvent, raw: unknown): ReceivedEvent {
  const result = event.data.resultInformation;
  return {
    ...event,
    raw,
    name: event.type.replace('Microsoft.Communication.', ''),
    codes: result ? `${result.code}/${result.subCode}` : '-',
  };
}

/** Verifies a callback's token as an application must. */
export async function verify(
  authorization: string,
  keys: JWTVerifyGetKey,
  expected: { issuer: string; audience: string; now: number },
): Promise<{ lifetimeSeconds: number }> {
  const token = authorization.replace(/^Bearer /, '');
  const { payload } = await jwtVerify(token, keys, {
    issuer: expected.issuer,
    audience: expected.audience,
    algorithms: ['RS256'],
    currentDate: new Date(expected.now),
  });
  return { lifetimeSeconds: (payload.exp ?? 0) - (payload.iat ?? 0) };
}
