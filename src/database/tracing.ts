/** What is known of a span when it begins: ids and words of the code, nothing of people. */
export type SpanAttributes = Record<string, string | number | boolean | null | undefined>;

/** Lines of the log about records that did not arrive. They must not become records that do not arrive. */
export const ABOUT_TRACING = 'traces';

/** A series of a metric as it stands: a counter's or histogram's since the start of the process, or a gauge's value. */
export interface Sample {
  name: string;
  kind: 'counter' | 'histogram' | 'gauge';
  labels: Readonly<Record<string, string>>;
  /** Of a histogram: the sum of what was observed, and how often. */
  value: number;
  count: number;
}

/** Traces from the request for a call to its end. Off, it does nothing and costs nothing. */
export interface Tracing {
  readonly isOn: boolean;
  /**
   * Runs `work` within a span. What it throws marks the span as failed and is thrown on.
   *
   * @param options.from the span that it follows from (W3C `traceparent`); without it the one that surrounds it
   */
  span<T>(
    name: string,
    options: { from?: string | null | undefined; attributes?: SpanAttributes },
    work: () => Promise<T>,
  ): Promise<T>;
  /** The span within which this is asked, to be kept beside what is done later: W3C `traceparent`, or null. */
  here(): string | null;
  /** Takes a line of the log along, as it was written, with the span within which it was. */
  line(line: string): void;
  /** Sends what `read` tells, each minute, where metrics are sent at all. */
  measure(read: () => Promise<readonly Sample[]>): void;
  /** Sends what is left. */
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
