import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Checkpoint } from '../database/checkpoint.ts';
import type { Database } from '../database/open.ts';
import type { Tracing } from '../database/tracing.ts';

/** What an app is made of. */
export interface AppParts {
  config: Config;
  clock: Clock;
  /** The time that is shared is a database server's own. Default: the clock's. */
  sharesTime?: boolean;
  log: Logger;
  /** An open one instead of that of the configuration; it is closed with the app. */
  database?: Database;
  /** For crash tests only. */
  checkpoint?: Checkpoint;
  /** Default: off. */
  tracing?: Tracing;
}

/** What may change while it runs. */
export class Current {
  ringdown: RingdownYaml;
  port: number;
  isStopping = false;
  readonly #publicUrl: string;

  constructor({ ringdown, port, publicUrl }: Pick<Config, 'ringdown' | 'port' | 'publicUrl'>) {
    this.ringdown = ringdown;
    this.port = port;
    this.#publicUrl = publicUrl;
  }

  /** Port 0 in PUBLIC_URL stands for the one that the server was given. */
  get publicUrl(): string {
    return this.#publicUrl.replace(/:0$/, `:${this.port}`);
  }
}
