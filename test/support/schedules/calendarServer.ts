import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { afterTest } from '../afterTest.ts';

/** Part of the address, as other systems put a secret there. */
export const SECRET = 'private-5f3a9c1e';

export interface CalendarServer {
  url: string;
  /** How often it was asked. */
  asked: IncomingMessage[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A system elsewhere that publishes a calendar. A test changes its answers. */
export async function calendarServer(text: string): Promise<CalendarServer> {
  const found: CalendarServer = {
    url: '',
    asked: [],
    answer: (_request, response) => void response.end(text),
  };
  const server = createServer((request, response) => {
    found.asked.push(request);
    found.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  found.url = `http://127.0.0.1:${address.port}/${SECRET}/basic.ics`;
  return found;
}

/** Restify changes `writeHead` of all servers in this process: it returns nothing. */
export function answerWith(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
  body: string | Buffer = '',
): void {
  response.writeHead(status, headers);
  response.end(body);
}
