import { createDOMRenderer, RendererProvider } from '@fluentui/react-components';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ConsoleTexts } from '../page.ts';
import { CONSENT, SIGNED_IN } from './addresses.ts';
import { App } from './app.tsx';

async function start(): Promise<void> {
  switch (location.pathname) {
    case SIGNED_IN: {
      const { broadcastResponseToMainFrame } = await import('@azure/msal-browser/redirect-bridge');
      return await broadcastResponseToMainFrame();
    }
    case CONSENT:
      return await (await import('./consent.ts')).giveConsent();
    default:
      show();
  }
}

function show(): void {
  const root = document.getElementById('root');
  if (root === null) throw new TypeError('the page has no root');
  // The server writes this as ConsoleTexts.
  const model = JSON.parse(document.getElementById('model')?.textContent ?? '{}') as ConsoleTexts;
  // The policy allows only styles with this nonce. Griffel and Fluent's themes insert theirs at run time.
  const nonce = document.querySelector<HTMLElement>('meta[name=nonce]')?.nonce ?? '';
  const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });
  createRoot(root).render(
    <StrictMode>
      <RendererProvider renderer={renderer}>
        <App model={model} />
      </RendererProvider>
    </StrictMode>,
  );
}

void start();
