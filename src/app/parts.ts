import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Checkpoint } from '../database/checkpoint.ts';
import type { Database } from '../database/open.ts';
import type { Tracing } from '../database/tracing.ts';

/** What `createApp` is built from. */
export interface AppParts {
  config: Config;
  clock: Clock;
  /** Use the database server's time as the shared time of all replicas. Default: the clock's. */
  sharesTime?: boolean;
  log: Logger;
  /** An open database instead of the configured one. It is closed with the app. */
  database?: Database;
  /** For crash tests only. */
  checkpoint?: Checkpoint;
  /** Default: off. */
  tracing?: Tracing;
}

/** State that may change while the app runs. */
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

  /** Replaces port 0 in PUBLIC_URL with the port that the server was given. */
  get publicUrl(): string {
    return this.#publicUrl.replace(/:0$/, `:${this.port}`);
  }
}
