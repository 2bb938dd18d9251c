import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startArguments } from '../../../demo/startCommand.ts';

/** The program as `npm start` runs it. Tests kill, freeze and restart it. */
export class Replica {
  readonly port: number;
  readonly #env: Record<string, string>;
  readonly #log: string;
  #child: ChildProcess | null = null;

  /** @param log the file that its output is appended to */
  constructor(port: number, log: string, env: Record<string, string>) {
    this.port = port;
    this.#log = log;
    this.#env = env;
  }

  /** Starts it and waits until it is ready. Restarts it if it exits by itself, as a supervisor does. */
  async start(): Promise<void> {
    if (this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null) {
      const log = openSync(this.#log, 'a');
      this.#child = spawn(process.execPath, startArguments(), {
        env: this.#env,
        stdio: ['ignore', log, 'inherit'],
      });
      closeSync(log);
    }
    const isReady = await fetch(`http://127.0.0.1:${this.port}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await pause(50);
    await this.start();
  }

  async killAndRestart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.start();
  }

  /** Freezes it, with all its connections, until it is thawed. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }
}
