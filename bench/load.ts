import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** Lets go of the connections that are kept for the next request. */
export function closeConnections(): void {
  agent.destroy();
}

/** Posts JSON on a connection that is kept. @throws what the connection does */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: object,
): Promise<{ status: number; body: string }> {
  const bytes = Buffer.from(JSON.stringify(body));
  return await new Promise((resolve, reject) => {
    const sending = request(
      url,
      {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sending.on('error', reject);
    sending.end(bytes);
  });
}

/**
 * So many senders at once, each of whom does the next as soon as its last is done, until `until` says so.
 *
 * @param until told how many were begun
 */
export async function closedLoop(
  senders: number,
  until: (begun: number) => boolean,
  next: (number: number) => Promise<void>,
): Promise<void> {
  let begun = 0;
  const sender = async (): Promise<void> => {
    while (!until(begun)) await next(begun++);
  };
  await Promise.all(Array.from({ length: senders }, sender));
}
