import { Component, type ReactNode } from 'react';
import type { Words } from './texts.ts';

/** Shows a sentence instead of an empty page if a page has a fault of its own. Needs nothing of what may be broken. */
export class ErrorBoundary extends Component<{ words: Words; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const { broken } = this.props.words.shell;
    return (
      <main role="alert">
        <h1>{broken.title}</h1>
        <button type="button" onClick={() => location.reload()}>
          {broken.reload}
        </button>
      </main>
    );
  }
}
