import { escapeHtml, jsonInHtml } from '../browserCode/html.ts';
import type { PageModel } from './pageModel.ts';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/**
 * The page of an open link. It contains everything it can show; scripts and styles are separate files.
 *
 * @param callee the person's name
 */
export function talkPage(callee: string, model: PageModel, language: string): string {
  const { texts, emulator } = model;
  return shell(
    { language, title: escapeHtml(texts.title), script: true },
    `
    <main class="card" id="talk" data-phase="ready" aria-labelledby="heading">
      <span class="avatar" aria-hidden="true">${escapeHtml(initials(callee))}</span>
      <h1 id="heading" tabindex="-1">${escapeHtml(texts.heading)}</h1>
      <p id="intro" class="intro">${escapeHtml(texts.intro)}</p>
      <p id="state" class="state" role="status" aria-live="polite"></p>
      <p id="timer" class="timer" aria-hidden="true" hidden></p>
      <p id="banner" class="banner" role="alert" hidden></p>
      <p id="trouble" class="trouble" role="alert" hidden></p>
      <div class="actions">
        <button type="button" id="join" class="primary" disabled>${escapeHtml(texts.join)}</button>
        <button type="button" id="join-muted" class="plain" hidden>${escapeHtml(texts.joinMuted)}</button>
        <button type="button" id="mute" class="plain" aria-pressed="false" hidden>${escapeHtml(texts.mute)}</button>
        <button type="button" id="keys" class="plain" aria-expanded="false" aria-controls="keypad" hidden>${escapeHtml(texts.keypad)}</button>
        <button type="button" id="hang-up" class="danger" hidden>${escapeHtml(texts.hangUp)}</button>
      </div>
      <div id="keypad" class="keypad" role="group" aria-label="${escapeHtml(texts.keypad)}" hidden>
        ${keys.map((key) => `<button type="button" data-key="${key}" aria-label="${escapeHtml(texts.key.replace('{key}', key))}">${key}</button>`).join('\n        ')}
      </div>
      <label id="microphones" class="field" hidden>
        <span>${escapeHtml(texts.microphone)}</span>
        <select id="microphone"></select>
      </label>
      <noscript><p class="trouble">${escapeHtml(texts.noScript)}</p></noscript>
      ${emulator === null ? '' : `<p class="note">${escapeHtml(texts.standIn)}</p>`}
    </main>
    <audio id="sound" autoplay></audio>
    <script type="application/json" id="model">${jsonInHtml(model)}</script>`,
  );
}

/** The page for a link that no longer works. */
export function gonePage({ heading, text }: { heading: string; text: string }, language: string): string {
  return shell(
    { language, title: escapeHtml(heading), script: false },
    `
    <main class="card" aria-labelledby="heading">
      <h1 id="heading">${escapeHtml(heading)}</h1>
      <p class="intro">${escapeHtml(text)}</p>
    </main>`,
  );
}

function shell(
  { language, title, script }: { language: string; title: string; script: boolean },
  body: string,
): string {
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex, nofollow" />
    <title>${title}</title>
    <link rel="stylesheet" href="/talk/assets/page.css" />${script ? '\n    <script type="module" src="/talk/assets/page.js"></script>' : ''}
  </head>
  <body>${body}
  </body>
</html>
`;
}

function initials(name: string): string {
  const [first = '', ...rest] = name.trim().split(/\s+/u);
  return [first, rest.at(-1) ?? '']
    .map((word) => [...word][0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
