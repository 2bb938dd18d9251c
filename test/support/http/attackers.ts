import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/*
 * A process that attacks a server: KIND PORT COUNT [KEY]. It tells its parent when all connections have been opened,
 * replaces each that is closed, and exits with its parent.
 */
const [kind = '', port = '', count = '', key = ''] = process.argv.slice(2);
const HUGE = 100 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, 'x');
const head = (...more: string[]): string =>
  [
    'POST /api/v1/calls HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    ...(key === '' ? [] : [`Authorization: Bearer ${key}`]),
    ...more,
    '\r\n',
  ].join('\r\n');

/** Sends this as long as the server reads it. */
function pour(socket: Socket, bytes: number, framed: (part: Buffer) => Buffer): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && socket.writable) {
      left -= piece.length;
      if (!socket.write(framed(piece))) return;
    }
    if (left <= 0) socket.end();
  };
  socket.on('drain', more);
  more();
}

const bomb = kind === 'bomb' ? gzipSync(Buffer.alloc(HUGE, ' ')) : Buffer.alloc(0);
const kinds: Record<string, (socket: Socket) => void> = {
  silent: () => undefined,
  slow: (socket) => {
    socket.write(head('Content-Length: 400000'));
    const dripping = setInterval(() => socket.write('x'), 1_000);
    socket.once('close', () => clearInterval(dripping));
  },
  huge: (socket) => {
    socket.write(head(`Content-Length: ${HUGE}`));
    pour(socket, HUGE, (part) => part);
  },
  endless: (socket) => {
    socket.write(head('Transfer-Encoding: chunked'));
    pour(socket, HUGE, (part) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
    );
  },
  bomb: (socket) => {
    socket.write(head('Content-Encoding: gzip', 'Connection: close', `Content-Length: ${bomb.length}`));
    socket.write(bomb);
  },
};

let opened = 0;
function open(): void {
  const socket = connect(Number(port), '127.0.0.1');
  let wasOpened = false;
  socket.resume();
  socket.once('connect', () => {
    wasOpened = true;
    opened += 1;
    if (opened === Number(count)) process.send?.('opened');
    // A few at a time: the server's backlog is short.
    if (opened + AT_ONCE <= Number(count)) open();
    kinds[kind]?.(socket);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // With fewer attackers the test would prove nothing.
    if (error.code === 'EMFILE') throw error;
  });
  socket.once('close', () => (wasOpened ? setTimeout(open, AGAIN_MS) : open()));
}

const AT_ONCE = 100;
/**
 * About a thousand of ten thousand reconnect per second. More would be a flood, which is for the operating system to
 * stop.
 */
const AGAIN_MS = 10_000;
process.once('disconnect', () => process.exit());
for (let nth = 0; nth < Math.min(AT_ONCE, Number(count)); nth++) open();
