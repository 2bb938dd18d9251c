import type { ServerResponse } from 'node:http';
import type { Changes } from '../changes.ts';

/** Server-sent events: every change from now on, as one line of JSON, with its type as the event name. */
export function streamChanges(changes: Changes, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.write('retry: 1000\n\n');
  const end = changes.subscribe((change) => {
    response.write(`event: ${change.type}\ndata: ${JSON.stringify(change)}\n\n`);
  });
  response.once('close', end);
}
