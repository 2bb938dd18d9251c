import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createServer, plugins } from 'restify';
import type { Next, Request, Response } from 'restify';
import { z } from 'zod';

/* The peer of part c: restify, the body, and the check of the token; what comes is thrown away. */
const env = (name: string): string => process.env[name] ?? '';
const document = z.object({ jwks_uri: z.url() });
const { jwks_uri: address } = document.parse(await (await fetch(env('ACS_CALLBACK_OPENID_URL'))).json());
const keys = createRemoteJWKSet(new URL(address));

const server = createServer();
server.use(plugins.bodyParser());
server.get('/readyz', (_: Request, response: Response, next: Next) => {
  response.send(200);
  next();
});
async function answer(request: Request, response: Response): Promise<void> {
  const token = request.header('authorization').replace('Bearer ', '');
  const expected = { issuer: env('ACS_CALLBACK_ISSUER'), audience: env('ACS_RESOURCE_ID') };
  const status = await jwtVerify(token, keys, expected).then(
    () => 200,
    () => 401,
  );
  response.send(status);
}
server.post('/*', (request: Request, response: Response, next: Next) => {
  void answer(request, response).finally(next);
});
server.listen(Number(env('PORT')), env('HOST'));
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
});
