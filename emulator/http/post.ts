import { Agent, request as httpRequest } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';

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

/** Connections are kept for the next request, as the services do. One that the other side closes is not used again. */
const agents = { http: new Agent({ keepAlive: true }), https: new SecureAgent({ keepAlive: true }) };

/** Sends one POST. Throws on connection errors and aborts. */
export async function post(url: URL, options: PostOptions): Promise<PostAnswer> {
  return await send('POST', url, options);
}

/** The same for any method. */
export async function send(method: 'POST' | 'OPTIONS', url: URL, options: PostOptions): Promise<PostAnswer> {
  const isSecure = url.protocol === 'https:';
  const begin = isSecure ? httpsRequest : httpRequest;
  const body = Buffer.from(options.body);
  return await new Promise<PostAnswer>((resolve, reject) => {
    const request = begin(
      url,
      {
        method,
        agent: isSecure ? agents.https : agents.http,
        signal: options.signal,
        headers: { ...options.headers, 'content-length': String(body.length) },
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
