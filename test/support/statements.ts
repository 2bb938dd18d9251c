import pg from 'pg';

let inFlight = 0;

/** How many statements of this process a PostgreSQL server is executing. */
export function statementsInFlight(): number {
  return inFlight;
}

const sent: (...args: unknown[]) => unknown = Reflect.get(pg.Client.prototype, 'query');
Reflect.set(pg.Client.prototype, 'query', function counted(this: pg.Client, ...args: unknown[]): unknown {
  const [query] = args;
  if (query instanceof pg.Query) {
    const answer: unknown = Reflect.get(query, 'callback');
    inFlight++;
    let isOver = false;
    Reflect.set(query, 'callback', (...results: unknown[]): void => {
      if (!isOver) inFlight--;
      isOver = true;
      if (typeof answer === 'function') Reflect.apply(answer, query, results);
    });
  }
  return Reflect.apply(sent, this, args);
});
