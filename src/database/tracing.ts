/** Attributes of a span at its start: ids and words of the code, nothing about people. */
export type SpanAttributes = Record<string, string | number | boolean | null | undefined>;

/** Log lines about records that could not be sent. They must not become such records themselves. */
export const ABOUT_TRACING = 'traces';

/** The present state of a metric's series: for counters and histograms since the start of the process. */
export interface Sample {
  name: string;
  kind: 'counter' | 'histogram' | 'gauge';
  labels: Readonly<Record<string, string>>;
  /** For a histogram: the sum and the number of observations. */
  value: number;
  count: number;
}

/** Traces a call from its request to its end. When off, it does nothing and costs nothing. */
export interface Tracing {
  readonly isOn: boolean;
  /**
   * Runs `work` within a span. An error marks the span as failed and is rethrown.
   *
   * @param options.from the span that caused it (W3C `traceparent`). Default: the current span
   */
  span<T>(
    name: string,
    options: { from?: string | null | undefined; attributes?: SpanAttributes },
    work: () => Promise<T>,
  ): Promise<T>;
  /** The current span, to store with work for later: a W3C `traceparent`, or null. */
  here(): string | null;
  /** Sends a log line as it was written, with its span. */
  line(line: string): void;
  /** Sends what `read` returns each minute, if metrics are sent at all. */
  measure(read: () => Promise<readonly Sample[]>): void;
  /** Sends the rest. */
  stop(): Promise<void>;
}

export const noTracing: Tracing = {
  isOn: false,
  span: async (_name, _options, work) => await work(),
  here: () => null,
  line: () => undefined,
  measure: () => undefined,
  stop: async () => undefined,
};
