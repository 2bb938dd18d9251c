import assert from 'node:assert/strict';
import { CARD_LIMIT_BYTES } from '../../../../src/chat/cards/renderers/elements.ts';
import {
  continuedCard,
  escalationCard,
  type Audience,
  type EscalationCardModel,
} from '../../../../src/chat/cards/renderers/escalationCard.ts';
import { textsFor } from '../../../../src/texts/texts.ts';
import { cardFaults } from '../../../support/chat/cardSchema.ts';
import { at, EscalationStory, keyOf, people, type Story } from '../../../support/chat/escalations.ts';
import {
  acknowledged,
  callee,
  declined,
  escalationStates as states,
  everybody,
  exhausted,
  fresh,
  passedOn,
} from '../../../support/chat/escalationStates.ts';
import { assertSnapshot } from '../../../support/chat/snapshots.ts';

const texts = textsFor('en-GB');
const [debra] = people;

function modelOf(story: Story, audience: Audience): EscalationCardModel {
  return { cardId: 'card_1', ...story, audience, canSpeak: true };
}

describe('The card of an escalation', () => {
  for (const [name, story, audience, state, color, buttons] of states) {
    it(`says "${state}" when it is ${name}`, () => {
      const rendered = escalationCard(modelOf(story(), audience), texts);
      assertSnapshot(`escalationCard/${name}`, rendered);
      assert.deepEqual(
        everything(rendered.card, 'TextBlock')
          .filter(({ size }) => size === 'Large')
          .map((block) => [block['text'], block['color']]),
        [[state, color]],
      );
      assert.deepEqual(
        elementsOf(rendered.card['actions']).map(({ title }) => title),
        [...buttons, 'Details'],
      );
    });

    it(`is valid when it is ${name}`, function () {
      const model = { ...modelOf(story(), audience), note: 'Somebody was first.', canSpeak: false };
      assert.deepEqual(cardFaults(escalationCard(model, texts).card) ?? this.skip(), []);
    });
  }

  it('says that calls are paused while a call that was not sent waits with it', () => {
    const story = fresh().after(1).resolves(debra).paused(2, 'Megan Bowen');
    const { card } = escalationCard(modelOf(story, everybody), texts);
    assert.match(JSON.stringify(card), /An operator has paused all calls: nobody is called/);
  });

  it('has the same rows in the same order in each state, so that it does not jump', () => {
    const layouts = states.map(([, story, audience]) =>
      elementsOf(escalationCard(modelOf(story(), audience), texts).card['body'])
        .map(({ type, id }) => (typeof id === 'string' ? `${String(type)} ${id}` : String(type)))
        .join(', '),
    );
    assert.deepEqual(
      [...new Set(layouts)],
      ['Container, Container, RichTextBlock, Container, Container, Container details'],
    );
  });

  it('shows who was called, when, and with what end', () => {
    const story = declined();
    const json = JSON.stringify(escalationCard(modelOf(story, everybody), texts).card);
    assert.match(json, /TIME\(2026-03-02T.*Debra Berger.*Declined.*Nestor Wilke.*Calling …/);
    const skipped = JSON.stringify(escalationCard(modelOf(exhausted(), everybody), texts).card);
    assert.match(skipped, /Skipping grady@contoso.example: the account has no licence\./);
    const passed = JSON.stringify(escalationCard(modelOf(passedOn(), everybody), texts).card);
    assert.match(passed, /Debra Berger.*"Passed on"/);
  });

  it('does not claim that everybody was called when nobody could be', () => {
    const { card } = escalationCard(modelOf(exhausted(), everybody), texts);
    const json = JSON.stringify(card);
    assert.match(json, /Nobody could be called, so nobody is on it\. It can be acknowledged here\./);
    assert.doesNotMatch(json, /Everybody was called/);
  });

  it('says who acknowledged, by which way, and until when it is to be resolved', () => {
    const json = JSON.stringify(escalationCard(modelOf(acknowledged(), everybody), texts).card);
    assert.match(json, /Acknowledged by Alex Wilber, on the card\./);
    assert.match(
      json,
      /at \{\{TIME\(2026-03-02T03:00:20Z\)\}\} · calling continues if it is not resolved by \{\{TIME\(2026-03-02T03:30:20Z\)\}\}/,
    );
  });

  it('tells a test from an alert at first sight, and in a notification', () => {
    const [, story = fresh] = states.find(([name]) => name === 'test') ?? [];
    const { card, text } = escalationCard(modelOf(story(), everybody), texts);
    assert.match(text, /^Test: Checkout errors over 5 % – /);
    assert.equal(everything(card, 'TextBlock')[0]?.['text'], 'Test · nothing is wrong');
  });

  it('has only its opaque id in its buttons', () => {
    for (const [name, story, audience] of states) {
      const { card } = escalationCard(modelOf(story(), audience), texts);
      for (const { data } of everything(card, 'Action.Execute'))
        assert.deepEqual(data, { c: 'card_1' }, name);
    }
  });

  for (const locale of ['en-GB', 'de']) {
    it(`says where it went on, without buttons, when another message has taken its place (${locale})`, function () {
      const foreign = { summary: `**red** ${'x'.repeat(2_000)}`, test: false };
      const { escalation } = new EscalationStory(foreign);
      const { card, text } = continuedCard(escalation, at(90), textsFor(locale));
      assert.deepEqual(card['actions'] ?? [], []);
      const words = everything(card, 'TextBlock').map((block) => String(block['text']));
      assert.match(
        words.at(-1) ?? '',
        /\{\{TIME\(2026-03-02T03:01:30Z\)\}\}.*(newer message|neueren Nachricht)/,
      );
      assert.match(text, /(continued in a newer message|weiter in einer neueren Nachricht)$/);
      assert.doesNotMatch(words.join(), /(?<!\\)\*/, 'what people write stays as it is');
      assert.deepEqual(cardFaults(card) ?? [], []);
    });
  }

  it('opens the console as its last button, if there is one', () => {
    const consoleAddress = 'https://ringdown.contoso.example/console/escalations/esc_1';
    for (const [name, story, audience] of states) {
      const { card } = escalationCard({ ...modelOf(story(), audience), consoleAddress }, texts);
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

  it('never claims that a phone is ringing', () => {
    for (const [name, story, audience] of states) {
      const json = JSON.stringify(escalationCard(modelOf(story(), audience), texts));
      assert.doesNotMatch(json, /ringing|rings|rang\b/i, name);
    }
  });

  it('shows what people write exactly as written, and opens only web addresses', () => {
    const foreign = '**red** [here](https://evil.example) {{DATE(2026-01-01)}}';
    const story = new EscalationStory({
      summary: foreign,
      policy: '*p*',
      startedBy: { kind: 'api', key: 'x', name: '[x](y)' },
      links: [{ text: 'run', href: 'javascript:alert(1)' }],
    });
    const { card } = escalationCard(modelOf(story, everybody), texts);
    for (const { text } of everything(card, 'TextBlock')) {
      assert.doesNotMatch(String(text).replaceAll(/\\./g, ''), /[*[\]]|\{\{DATE/);
    }
    assert.doesNotMatch(JSON.stringify(card), /javascript/);
  });

  it('stays under the limit of a message, whatever is in it', () => {
    const long = '🦊'.repeat(2_000);
    const story = new EscalationStory({
      summary: long,
      details: long.repeat(4),
      policy: long,
      startedBy: { kind: 'api', key: 'x', name: long },
      links: Array.from({ length: 20 }, (_, n) => ({
        text: long,
        href: `https://example.org/${n}${'a'.repeat(560)}`,
      })),
    });
    story.after(1).resolves(...people.map((target) => ({ ...target, displayName: long })));
    for (let n = 0; n < 30; n += 1) {
      story.calls.push(...story.calls.slice(0, 1));
      story.timeline.push({ at: at(n), type: 'acknowledged', data: { name: long, way: 'card', note: long } });
    }
    const consoleAddress = `https://teams.microsoft.com/l/entity/x?webUrl=${'a'.repeat(600)}`;
    const model = {
      ...modelOf(story, callee(keyOf(debra), true)),
      note: long,
      canSpeak: false,
      consoleAddress,
    };
    const bytes = Buffer.byteLength(JSON.stringify(escalationCard(model, texts)));
    assert.ok(bytes < CARD_LIMIT_BYTES, `${bytes} bytes`);
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
