import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../demo/ports.ts';

/** A TCP proxy to a server. When shut, every connection breaks, and no new one is accepted. */
export interface Gate {
  port: number;
  shut(): Promise<void>;
  open(): Promise<void>;
  /**
   * A silent failure: connections stay open, and new ones are accepted, but nothing arrives. It stays so for these
   * connections.
   */
  fallSilent(): void;
  /** Connections made from now on get through again. */
  failOver(): void;
  /**
   * Breaks the next connection that sends `first`, and then or later `then`, once: before `then` reaches the server, or
   * after the server has answered it but before the answer gets back.
   *
   * @param then a command, which the server repeats when it answers
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

/** An open gate. The caller shuts it in the end. */
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
  /** Forwards data until the connection has to break. */
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
      if (isThere) isOver = true;
    });
    upstream.on('data', (data) => {
      if (!isOver) client.write(data);
      else if (mine && data.includes(mine.then)) over();
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
