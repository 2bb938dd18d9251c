import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface PostAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface PostOptions {
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

/**
 * Sends one POST on a new connection. A restarted server has closed its kept-alive connections, and an error on one
 * of them would look like a failure of the new server. Throws on connection errors and aborts.
 */
export async function post(url: URL, options: PostOptions): Promise<PostAnswer> {
  return await send('POST', url, options);
}

/** The same for any method. */
export async function send(method: 'POST' | 'OPTIONS', url: URL, options: PostOptions): Promise<PostAnswer> {
  const begin = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const body = Buffer.from(options.body);
  return await new Promise<PostAnswer>((resolve, reject) => {
    const request = begin(
      url,
      {
        method,
        agent: false,
        signal: options.signal,
        headers: { ...options.headers, 'content-length': String(body.length), connection: 'close' },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const headers: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) {
            if (typeof value === 'string') headers[name] = value;
          }
          resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(parts).toString('utf8') });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
