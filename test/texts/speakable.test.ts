import assert from 'node:assert/strict';
import fc from 'fast-check';
import { spokenAlert, spokenMessage } from '../../src/telephony/speech.ts';
import { speakable } from '../../src/texts/speakable.ts';
import { textsFor } from '../../src/texts/texts.ts';

const GUID = '11111111-2222-3333-4444-555555555555';

/** The written text, and what is spoken. */
const cases: readonly (readonly [written: string, said: string])[] = [
  [
    'Disk full on db-1, see https://grafana.contoso.example/d/Abc123/disk?orgId=1&from=now-1h&to=now',
    'Disk full on db-1, see grafana.contoso.example',
  ],
  ['Full (https://a.contoso.example/x).', 'Full (a.contoso.example).'],
  ['At http://name:word@db.contoso.example:8080/x, now', 'At db.contoso.example, now'],
  ['postgres://name:word@db.contoso.example/shop refuses', 'db.contoso.example refuses'],
  ['http://[2001:db8::1]:9090/graph is down', '2001:db8::1 is down'],
  ['See grafana.contoso.example/d/x?y=1.', 'See grafana.contoso.example.'],
  ['https://wiki.contoso.example/A_(b) is gone', 'wiki.contoso.example is gone'],
  ['[The graph](https://a.contoso.example/x) is red', 'The graph is red'],
  ['<https://a.contoso.example/x|The graph> is red', 'The graph is red'],
  [
    `/subscriptions/${GUID}/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm-1 is down`,
    'vm-1 is down',
  ],
  [`Request ${GUID} failed`, 'Request failed'],
  [`Job (${GUID}) failed`, 'Job failed'],
  [`Build ${'0123456789abcdef'.repeat(2)} is red`, 'Build is red'],
  ['**Firing**: `disk` is full', 'Firing: disk is full'],
  // Ordinary words stay as they are.
  ['Node.js/Express answers 5/7 and/or v1.2.3', 'Node.js/Express answers 5/7 and/or v1.2.3'],
  ['Mail ops@contoso.example about snake__case', 'Mail ops@contoso.example about snake__case'],
  ['Load is 3 > 2, see runbook.md', 'Load is 3 > 2, see runbook.md'],
  // Nothing else would remain.
  [GUID, GUID],
];

describe('The text that is read out', () => {
  for (const [written, said] of cases) {
    it(`of “${written.slice(0, 60)}”`, () => assert.equal(speakable(written), said));
  }

  it('is the same for alerts and messages, in each language', () => {
    const [[written, said] = ['', '']] = cases;
    for (const language of ['en', 'de']) {
      const texts = textsFor(language);
      for (const text of [
        spokenAlert({ name: 'Adele', summary: written, test: false, keys: true, again: false }, texts),
        spokenMessage({ name: 'Adele', requester: 'Megan Bowen', message: written }, texts),
      ]) {
        assert.ok(text.includes(said), text);
        assert.ok(!text.includes('orgId'), text);
      }
    }
  });

  it('is never empty, and contains no web address', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.lorem(), (address, text) => {
        const said = speakable(`${text} ${address} ${text}`);
        assert.ok(said.startsWith(text) && said.endsWith(text));
        assert.doesNotMatch(said, /\//);
      }),
    );
  });
});
