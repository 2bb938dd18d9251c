import type { Clock } from '../../src/clock.ts';

/**
 * The machine of one replica, on a clock that all share. Frozen (as by SIGSTOP), none of its timers fires: they are late
 * when it goes on. Switched off, they never fire.
 */
export class Machine implements Clock {
  readonly #clock: Clock;
  #state: 'on' | 'frozen' | 'off' = 'on';
  #late: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  freeze(): void {
    this.#state = 'frozen';
  }

  goOn(): void {
    this.#state = 'on';
    for (const fn of this.#late.splice(0)) fn();
  }

  switchOff(): void {
    this.#state = 'off';
    this.#late = [];
  }

  get isOff(): boolean {
    return this.#state === 'off';
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimeout(fn: () => void, ms: number): unknown {
    return this.#clock.setTimeout(() => this.#fire(fn), ms);
  }

  setInterval(fn: () => void, ms: number): unknown {
    return this.#clock.setInterval(() => this.#fire(fn), ms);
  }

  clearTimeout(timer: unknown): void {
    this.#clock.clearTimeout(timer);
  }

  clearInterval(timer: unknown): void {
    this.#clock.clearInterval(timer);
  }

  #fire(fn: () => void): void {
    if (this.#state === 'on') fn();
    else if (this.#state === 'frozen') this.#late.push(fn);
  }
}
