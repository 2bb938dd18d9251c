import { connect, createServer, type Server, type Socket } from 'node:net';

/** Spreads TCP connections over replicas, and passes over those that do not answer. */
export async function startBalancer(
  ports: readonly number[],
): Promise<{ port: number; stop(): Promise<void> }> {
  let next = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    const reach = (attempts: number): void => {
      const port = ports[next++ % ports.length];
      if (port === undefined || attempts === 0) {
        client.destroy();
        return;
      }
      const upstream = connect(port, '127.0.0.1');
      let open = false;
      upstream.once('connect', () => {
        open = true;
        sockets.add(upstream);
        client.pipe(upstream).pipe(client);
      });
      upstream.on('error', () => {
        if (open) client.destroy();
        else reach(attempts - 1);
      });
      upstream.on('close', () => {
        sockets.delete(upstream);
        if (open) client.destroy();
      });
      client.on('close', () => upstream.destroy());
    };
    reach(ports.length * 2);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
