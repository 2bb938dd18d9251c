import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../demo/ports.ts';

/** The way to a server over TCP, which can be closed: then every connection breaks, and none is made. */
export interface Gate {
  port: number;
  shut(): Promise<void>;
  open(): Promise<void>;
  /**
   * As after a failure that nobody tells: connections stay open, also new ones are accepted, and nothing that is sent
   * arrives. For these connections it stays so.
   */
  fallSilent(): void;
  /** Connections that are made from now on get through again. */
  failOver(): void;
  /**
   * The next connection that sends `first`, and later `then`, breaks there, once: before `then` gets to the server, or
   * when the server has answered it, before the answer gets back.
   *
   * @returns resolves when it has broken
   */
  breakAt(first: string, then: string, when: 'before' | 'answered'): Promise<void>;
}

interface Break {
  first: string;
  then: string;
  when: 'before' | 'answered';
  broken: () => void;
}

/** An open one. The caller shuts it in the end. */
export async function gateTo(target: { host: string; port: number }): Promise<Gate> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  let server: Server | null = null;
  let isSilent = false;
  let wanted: Break | null = null;
  /** Passes on what is sent until the connection breaks as is wanted. */
  const watch = (client: Socket, upstream: Socket): void => {
    let mine: Break | null = null;
    let isOver = false;
    const over = (): void => {
      wanted = null;
      isOver = true;
      client.destroy();
      mine?.broken();
    };
    client.on('data', (data) => {
      if (isOver) return;
      const sent = data.toString('latin1');
      if (wanted && sent.includes(wanted.first)) mine = wanted;
      const isThere = mine !== null && mine === wanted && sent.includes(mine.then);
      if (isThere && mine?.when === 'before') {
        upstream.destroy();
        over();
        return;
      }
      upstream.write(data);
      if (!isThere) return;
      isOver = true;
      upstream.once('data', over);
    });
    upstream.on('data', (data) => {
      if (!isOver) client.write(data);
    });
    client.once('end', () => upstream.end());
    upstream.once('end', () => client.end());
  };
  const open = async (): Promise<void> => {
    server = createServer((client) => {
      if (isSilent) {
        keep(client.pause());
        return;
      }
      const upstream = connect(target);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        keep(from);
        from.once('close', () => to.destroy());
      }
      watch(client, upstream);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await open();
  return {
    port,
    open,
    fallSilent() {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    failOver() {
      isSilent = false;
    },
    async breakAt(first, then, when) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wanted = { first, then, when, broken: resolve };
      await promise;
    },
    async shut() {
      const closing = server;
      server = null;
      if (!closing) return;
      closing.close();
      for (const socket of sockets) socket.destroy();
      await once(closing, 'close');
    },
  };
}
