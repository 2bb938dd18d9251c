import pg from 'pg';

let inFlight = 0;

/** How many statements of this process a PostgreSQL server is executing. */
export function statementsInFlight(): number {
  return inFlight;
}

const query: (...args: unknown[]) => unknown = Reflect.get(pg.Client.prototype, 'query');
Reflect.set(pg.Client.prototype, 'query', function counted(this: pg.Client, ...args: unknown[]): unknown {
  const answer: unknown = Reflect.apply(query, this, args);
  if (answer instanceof Promise) {
    inFlight++;
    const answered = (): number => inFlight--;
    answer.then(answered, answered);
  }
  return answer;
});
