import assert from 'node:assert/strict';
import { clouds } from '../../../../src/config/clouds.ts';
import type { Call, CallEvent, Purpose } from '../../../../src/calls/call.ts';
import { callCard, type CallCardModel } from '../../../../src/chat/cards/renderers/callCard.ts';
import { CARD_LIMIT_BYTES } from '../../../../src/chat/cards/renderers/elements.ts';
import { textsFor } from '../../../../src/texts/texts.ts';
import { adele, callAfter, connect, ended, happen, speak } from '../../../support/chat/calls.ts';
import { callStates as states } from '../../../support/chat/callStates.ts';
import { cardFaults } from '../../../support/chat/cardSchema.ts';
import { assertSnapshot } from '../../../support/chat/snapshots.ts';

const { sent, accepted } = happen;
const calling = [sent, accepted];
const texts = textsFor('en-GB');

function modelOf(purpose: Purpose, events: readonly CallEvent[], changes: Partial<Call> = {}): CallCardModel {
  return {
    cardId: 'card_1',
    ...callAfter(purpose, events, changes),
    photo: null,
    shared: false,
    canSpeak: true,
  };
}

describe('The card of a call', () => {
  for (const [name, purpose, events, state, color, buttons] of states) {
    it(`says "${state}" when it is ${name}`, () => {
      const rendered = callCard(modelOf(purpose, events), texts);
      assertSnapshot(`callCard/${name}`, rendered);
      const shown = everything(rendered.card, 'TextBlock');
      assert.deepEqual(
        shown.filter(({ size }) => size === 'Large').map((block) => [block['text'], block['color']]),
        [[state, color]],
      );
      assert.deepEqual(titles(rendered.card), [
        ...buttons,
        'Details',
        ...(JSON.stringify(rendered.card).includes('"id":"advice"') ? ['For administrators'] : []),
      ]);
    });

    it(`is valid when it is ${name}`, function () {
      const { card } = callCard(modelOf(purpose, events), texts);
      assert.deepEqual(cardFaults(card) ?? this.skip(), []);
    });
  }

  it('has the same rows in the same order in each state, so that it does not jump', () => {
    for (const purpose of [speak, connect, { kind: 'test' } as const]) {
      const layouts = states.map(([, , events]) => {
        const { card } = callCard(modelOf(purpose, events), texts);
        const rows = elementsOf(card['body']).filter(({ id }) => id !== 'advice');
        return rows
          .map(({ type, id }) => (typeof id === 'string' ? `${String(type)} ${id}` : String(type)))
          .join(', ');
      });
      assert.deepEqual(
        [...new Set(layouts)],
        ['ColumnSet, Container, RichTextBlock, Container, Container timeline'],
      );
    }
  });

  it('says who asked if others see it too', () => {
    const model = { ...modelOf(speak, calling), shared: true };
    assert.match(JSON.stringify(callCard(model, texts).card), /Requested by Alex Wilber/);
  });

  it('never claims that a phone is ringing', () => {
    for (const [name, purpose, events] of states) {
      const json = JSON.stringify(callCard(modelOf(purpose, events), texts));
      assert.doesNotMatch(json, /ringing|rings|rang\b/i, name);
    }
  });

  it('has only its opaque id in its buttons', () => {
    for (const [name, purpose, events] of states) {
      const { card } = callCard(modelOf(purpose, events), texts);
      for (const { data } of everything(card, 'Action.Execute'))
        assert.deepEqual(data, { c: 'card_1' }, name);
      for (const { data } of everything(card, 'Action.Submit')) {
        assert.deepEqual(isJson(data) && Object.keys(data).toSorted(), ['c', 'verb'], name);
      }
    }
  });

  it('offers to leave a message only where messages can be spoken', () => {
    const model = { ...modelOf(connect, [...calling, ended(603, 0)]), canSpeak: false };
    assert.deepEqual(titles(callCard(model, texts).card), ['Call again', 'Call in Teams', 'Details']);
  });

  it('opens the Teams of its own cloud', () => {
    const model = { ...modelOf(connect, [...calling, ended(603, 0)]), teamsUrl: clouds.gcch.teamsUrl };
    const [link] = everything(callCard(model, texts).card, 'Action.OpenUrl');
    assert.match(String(link?.['url']), /^https:\/\/gov\.teams\.microsoft\.us\/l\/call\//);
  });

  it('opens a call in Teams to this person', () => {
    const target = { ...adele, userPrincipalName: "siân.o'connor&co@contoso.example" };
    const { card } = callCard(modelOf(connect, [...calling, ended(603, 0)], { target }), texts);
    const [link] = everything(card, 'Action.OpenUrl');
    const url = new URL(String(link?.['url']));
    assert.equal(url.searchParams.get('users'), target.userPrincipalName);
    assert.equal(url.origin + url.pathname, 'https://teams.microsoft.com/l/call/0/0');
  });

  it('shows small photos, and initials instead of large ones', () => {
    const small = { ...modelOf(speak, []), photo: 'data:image/png;base64,AAAA' };
    assert.match(JSON.stringify(callCard(small, texts).card), /data:image\/png;base64,AAAA/);
    const large = { ...small, photo: `data:image/png;base64,${'A'.repeat(40_000)}` };
    assert.doesNotMatch(JSON.stringify(callCard(large, texts).card), /data:image/);
    assert.match(JSON.stringify(callCard(large, texts).card), /"AV"/);
  });

  it('shows what people write exactly as written', () => {
    const target = { ...adele, displayName: '**Adele** [Vance](https://evil.example)' };
    const purpose: Purpose = {
      kind: 'speak',
      message: '# *red* [here](https://evil.example)\n- {{DATE(2026-01-01)}}',
    };
    const { card } = callCard(modelOf(purpose, calling, { target }), texts);
    for (const { text } of everything(card, 'TextBlock')) {
      assert.doesNotMatch(String(text).replaceAll(/\\./g, ''), /[*[\]]/);
    }
  });

  it('stays under the message limit whatever anybody says', () => {
    const long = '🦊'.repeat(2_000);
    const target = {
      ...adele,
      displayName: long,
      jobTitle: long,
      userPrincipalName: `${'a'.repeat(900)}@example.org`,
    };
    const requestedBy = { kind: 'chat', key: 'x', name: long } as const;
    const photo = `data:image/png;base64,${'A'.repeat(11_000)}`;
    for (const [name, purpose, events] of states) {
      const consoleAddress = `https://teams.microsoft.com/l/entity/x?webUrl=${'a'.repeat(600)}`;
      const said: Purpose = purpose.kind === 'speak' ? { kind: 'speak', message: long } : purpose;
      const model = {
        ...modelOf(said, events, { target, requestedBy }),
        photo,
        shared: true,
        consoleAddress,
      };
      const bytes = Buffer.byteLength(JSON.stringify(callCard(model, texts)));
      assert.ok(bytes < CARD_LIMIT_BYTES, `${name}: ${bytes} bytes`);
    }
  });

  it('opens the console as its last button, if there is one', () => {
    const consoleAddress = 'https://ringdown.contoso.example/console/calls/call_1';
    for (const [name, purpose, events] of states) {
      const { card } = callCard({ ...modelOf(purpose, events), consoleAddress }, texts);
      const actions = elementsOf(card['actions']);
      assert.deepEqual(
        actions.at(-1),
        { type: 'Action.OpenUrl', title: 'Open in console', url: consoleAddress },
        name,
      );
      assert.ok(actions.length <= 6, `${name}: Teams shows at most six buttons`);
      assert.deepEqual(cardFaults(card) ?? [], []);
    }
  });

  it('has the same content as plain text', () => {
    const { text, card } = callCard(modelOf(speak, [...calling, ended(603, 0)]), texts);
    assert.equal(text, 'Adele Vance declined the call. Send a chat message, or try again later.');
    assert.equal(card['fallbackText'], text);
    assert.equal(card['speak'], text);
    assert.equal(callCard(modelOf(speak, calling), texts).text, 'Adele Vance: Calling …');
  });
});

type Json = Readonly<Record<string, unknown>>;

function elementsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/** Every element of a type, at any depth. */
function everything(node: unknown, type: string): Json[] {
  if (!isJson(node)) return [];
  const inside = Object.values(node).flatMap((value) => everything(value, type));
  return node['type'] === type ? [node, ...inside] : inside;
}

function titles(card: Json): string[] {
  return elementsOf(card['actions']).map(({ title }) => String(title));
}
