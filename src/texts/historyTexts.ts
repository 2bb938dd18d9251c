/** What people read of calls and alerts that have been. */
export interface HistoryTexts {
  title: string;
  /** On the pages after the first. */
  titleOlder: string;
  empty: () => string;
  /** There is nothing on the page that was asked for. */
  noOlder: () => string;
  older: string;
  newest: string;
  /** Before the words of an alert. */
  alert: string;
  test: string;
  /** Who asked for the call. */
  by: (name: string) => string;
  /** What was said, as a quotation. */
  said: (message: string) => string;
  /** The button, and what it says to those who do not see whom it stands beside. */
  again: string;
  againTooltip: (callee: string) => string;
}
