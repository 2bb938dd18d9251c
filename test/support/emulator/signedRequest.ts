import { createHash, createHmac } from 'node:crypto';

export interface SignedRequest {
  method: string;
  url: string;
  connectionString: string;
  body?: string | undefined;
  headers?: Record<string, string>;
  /** Overrides, to make the request invalid. */
  key?: string;
  date?: Date;
}

/** Signs as the SDK does, for requests that the SDK would not send. */
export async function signed(request: SignedRequest): Promise<Response> {
  const { method, connectionString, body = '', headers = {} } = request;
  const url = new URL(request.url);
  const key = request.key ?? /accesskey=(.*)$/.exec(connectionString)?.[1] ?? '';
  const date = (request.date ?? new Date()).toUTCString();
  const hash = createHash('sha256').update(body).digest('base64');
  const toSign = `${method}\n${url.pathname}?${url.searchParams.toString()}\n${date};${url.host};${hash}`;
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(toSign).digest('base64');
  return await fetch(url, {
    method,
    ...(body === '' ? {} : { body }),
    headers: {
      'x-ms-date': date,
      'x-ms-content-sha256': hash,
      authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
      ...headers,
    },
  });
}
