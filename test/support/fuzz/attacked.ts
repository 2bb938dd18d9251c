import assert from 'node:assert/strict';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { afterTest } from '../afterTest.ts';
import { openEmbedded } from '../databases.ts';
import { API_KEY, startWorld, type World } from '../world.ts';
import { CANARY } from './spoiled.ts';

export interface Sent {
  method?: string;
  path: string;
  body?: string;
  headers?: Record<string, string>;
  /** Statuses of 500 and above that are not a fault. */
  mayAnswer?: readonly number[];
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** People whom the tests call, and what they say. None of it may appear in the log. */
const UNSAID = [CANARY, API_KEY, 'Adele Vance', 'Nestor Wilke', 'Megan Bowen'];

/** Names from the sender that operators must find in the log: conversations and event types. */
const NAMED = /"(?:conversation|event)":"(?:[^"\\]|\\.)*"/g;

/** A running server that is fuzzed, and the invariants that must hold. */
export interface Attacked {
  world: World;
  /** Sends a request unchanged on a kept-alive connection. Fails if the status is one of a crash. */
  send: (sent: Sent) => Promise<Answer>;
  count: (table: 'calls' | 'escalations') => Promise<number>;
  /** From now on this must not appear in the log either. */
  keepSecret: (...secrets: string[]) => void;
  /**
   * Checks what happened since the last call: nothing failed, no rejection was unhandled, and the log contains no
   * secrets, no names and nothing that was sent. Then forgets the log, so that a long run does not accumulate it.
   *
   * @returns the log lines
   */
  isWell: () => string[];
}

/** @param yaml content of ringdown.yaml */
export async function attack(yaml: string): Promise<Attacked> {
  const world = await startWorld({ database: await openEmbedded(), yaml });
  const agent = new Agent({ keepAlive: true });
  const unsaid = [...UNSAID];
  const ownerless: unknown[] = [];
  const note = (reason: unknown): void => void ownerless.push(reason);
  process.on('unhandledRejection', note);
  afterTest(() => {
    agent.destroy();
    process.off('unhandledRejection', note);
  });
  return {
    world,
    send: async (sent) => {
      const answer = await ask(agent, world.url, sent);
      assert.ok(
        answer.status < 500 || sent.mayAnswer?.includes(answer.status),
        `${answer.status} ${answer.text} to ${sent.path} with ${sent.body?.slice(0, 2_000)}`,
      );
      return answer;
    },
    count: async (table) => {
      const { total } = await world.app.database.sql
        .selectFrom(table)
        .select(({ fn }) => fn.countAll().as('total'))
        .executeTakeFirstOrThrow();
      return Number(total);
    },
    keepSecret: (...secrets) => void unsaid.push(...secrets),
    isWell: () => {
      const lines = world.log.splice(0);
      assert.deepEqual(ownerless, []);
      assert.deepEqual(
        lines.filter((line) => /"level":"(?:error|fatal)"/.test(line)),
        [],
      );
      const whole = lines.join('').replaceAll(NAMED, '');
      for (const word of unsaid) {
        if (!whole.includes(word)) continue;
        assert.fail(`"${word}" is in the log: ${lines.find((line) => line.includes(word))}`);
      }
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
      return lines;
    },
  };
}

async function ask(
  agent: Agent,
  origin: string,
  { method = 'POST', path, body = '', headers = {} }: Sent,
): Promise<Answer> {
  const bytes = Buffer.from(body);
  const { hostname, port } = new URL(origin);
  return await new Promise((resolve, reject) => {
    const asking = request(
      {
        agent,
        method,
        hostname,
        port,
        path,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${API_KEY}`,
          ...(method === 'GET' ? {} : { 'content-length': bytes.length }),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(method === 'GET' ? undefined : bytes);
  });
}
