/** What is known of a span when it begins: ids and words of the code, nothing of people. */
export type SpanAttributes = Record<string, string | number | boolean | null | undefined>;

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
  /** Sends what is left. */
  stop(): Promise<void>;
}

export const noTracing: Tracing = {
  isOn: false,
  span: async (_name, _options, work) => await work(),
  here: () => null,
  stop: async () => undefined,
};
