/** The list of past calls and alerts. */
export interface HistoryTexts {
  title: string;
  /** On the pages after the first. */
  titleOlder: string;
  empty: () => string;
  /** The requested page is empty. */
  noOlder: () => string;
  older: string;
  newest: string;
  /** Before an alert's summary. */
  alert: string;
  test: string;
  /** Who asked for the call. */
  by: (name: string) => string;
  /** The spoken message, in quotation marks. */
  said: (message: string) => string;
  /** The button, and its tooltip for screen readers. */
  again: string;
  againTooltip: (callee: string) => string;
}
