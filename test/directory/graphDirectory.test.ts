import assert from 'node:assert/strict';
import { z } from 'zod';
import { createEmulator } from '../../emulator/emulator.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import type { Exchange } from '../../emulator/http/requests.ts';
import { systemClock } from '../../src/clock.ts';
import { clouds } from '../../src/config/clouds.ts';
import type { Directory, Found } from '../../src/directory/directory.ts';
import { createGraphDirectory } from '../../src/directory/graphDirectory.ts';
import type { GraphDirectoryOptions } from '../../src/directory/graphDirectory.ts';
import { HandClock } from '../support/directory/handClock.ts';

const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
const megan = '48d31887-5fad-4d73-a9f5-3c356e68a038';
const helpDesk = '9cdebf6a-57da-4cbb-8f8d-7a8b9cadbe09';

describe('the directory in Microsoft Graph', () => {
  let emulator: Emulator;
  let directory: Directory;
  let exchanges: Exchange[];

  /** A new directory with empty caches. */
  const open = (options: Partial<GraphDirectoryOptions> = {}): Directory => {
    const { graphUrl, graphToken } = emulator.addresses;
    const getToken = async (): Promise<string> => graphToken;
    return createGraphDirectory({ graphUrl, getToken, clock: systemClock, ...options });
  };

  beforeEach(async () => {
    exchanges = [];
    emulator = createEmulator({ onExchange: (exchange) => exchanges.push(exchange) });
    await emulator.start();
    directory = open();
  });
  afterEach(() => emulator.stop());

  const find = async (text: string): Promise<Found> => directory.find({ text }, null);

  it('finds a person by name with one request', async () => {
    const found = await find('Adele Vance');
    assert.ok(found.kind === 'one');
    assert.deepEqual(found.callable, { callable: true });
    const { assignedPlans, ...person } = found.person;
    assert.equal(assignedPlans?.length, 2);
    assert.deepEqual(person, {
      id: adele,
      displayName: 'Adele Vance',
      givenName: 'Adele',
      surname: 'Vance',
      userPrincipalName: 'adele@contoso.example',
      mail: 'adele@contoso.example',
      otherAddresses: [],
      jobTitle: 'Retail Manager',
      department: 'Retail',
      accountEnabled: true,
      userType: 'Member',
      kind: 'user',
    });
    assert.equal(exchanges.length, 1);
  });

  it('finds a person by the object id in a mention', async () => {
    const found = await directory.find({ objectId: adele }, null);
    assert.equal(found.kind === 'one' && found.person.displayName, 'Adele Vance');
    assert.deepEqual(await directory.find({ objectId: megan.replace('4', '5') }, null), {
      kind: 'none',
      suggestions: [],
    });
  });

  it('offers namesakes, with what tells them apart', async () => {
    const found = await find('chris green');
    assert.ok(found.kind === 'several');
    assert.deepEqual(
      new Set(found.people.map(({ jobTitle }) => jobTitle)),
      new Set(['Accountant', 'Developer']),
    );
    assert.equal(found.people.length, 2);
    assert.equal(found.more, false);
  });

  it('looks up the asker’s department and lists its people first', async () => {
    for (const [department, jobTitle] of [
      ['Finance', 'Accountant'],
      ['Payments', 'Developer'],
    ] as const) {
      emulator.people.change('Alex Wilber', { department });
      const found = await open().find(
        { text: 'chris green' },
        { objectId: emulator.people.get('Alex Wilber').id },
      );
      assert.ok(found.kind === 'several');
      assert.equal(found.people[0]?.jobTitle, jobTitle);
    }
  });

  it('says who cannot be called', async () => {
    const reasons = {
      'Patti Fernandez': 'guest',
      'Henrietta Mueller': 'disabled',
      'Irvin Sayers': 'noTeamsPhone',
    };
    for (const [name, reason] of Object.entries(reasons)) {
      const found = await find(name);
      assert.deepEqual(found.kind === 'one' && found.callable, { callable: false, reason });
    }
  });

  it('knows voice applications from Graph, and from ringdown.yaml in any spelling', async () => {
    const found = await find('Help Desk');
    assert.equal(found.kind === 'one' && found.person.kind, 'resourceAccount');
    const id = '1111aaaa-0000-4000-8000-000000000000';
    directory = open({ voiceApps: () => ({ 'Front-Desk Café': id }) });
    for (const text of ['front desk cafe', 'the Front Desk Café', 'FRONTDESK CAFÉ']) {
      const app = await find(text);
      assert.deepEqual(app.kind === 'one' && [app.person.id, app.person.kind, app.callable], [
        id,
        'resourceAccount',
        { callable: true },
      ]);
    }
  });

  it('trusts an identifier or ringdown.yaml that says something is a voice application', async () => {
    emulator.graph.permissions.delete('User.Read.All');
    emulator.graph.permissions.add('User.ReadBasic.All');
    const said = await find(`28:orgid:${helpDesk}`);
    assert.equal(said.kind === 'one' && said.person.kind, 'resourceAccount');
    directory = open({ voiceApps: () => ({ desk: helpDesk.toUpperCase() }) });
    const known = await find(helpDesk);
    assert.equal(known.kind === 'one' && known.person.kind, 'resourceAccount');
  });

  it('does not look up other clouds and ACS users', async () => {
    assert.deepEqual(await find(`8:gcch:${adele}`), {
      kind: 'none',
      suggestions: [],
      because: 'otherCloud',
    });
    assert.deepEqual(await find('8:acs:1-2_3'), {
      kind: 'none',
      suggestions: [],
      because: 'communicationUser',
    });
    assert.equal(exchanges.length, 0);
    const found = await open({ cloud: clouds.gcch }).find({ text: `8:gcch:${adele}` }, null);
    assert.equal(found.kind, 'one');
  });

  it('treats typed text as data: Graph never rejects a request', async () => {
    const texts = [
      "O'Connor",
      "'",
      "''",
      "' or displayName ne 'x",
      "x') or startswith(displayName,'A",
      '" OR "displayName:A',
      '" AND "',
      'a\\',
      'a\\" OR "displayName:b',
      'R&D & Co',
      'a+b=c?d#e%41/../f;g',
      'https://evil.example/x',
      'displayName:Adele',
      'AND OR NOT',
      '$filter=1 eq 1',
      "o'x&y#z%2F..@contoso.example",
      '../groups@contoso.example',
      '\uD800\uDC00 \uD800 x',
      'x\u0000y\u0007z',
      '(((a',
      'a,b,c,,',
      "d'-'-.'x",
      '𝒜𝒹ℯ𝓁ℯ 🙂',
      'ﬁ ǅ ẞ',
      'żółkiewskażółkiewska żółkiewskażółkiewska żółkiewskażółkiewska żółkiewskażółkiewska',
    ];
    for (const text of texts) {
      const found = await find(text);
      assert.ok(found.kind !== 'one' || text === "O'Connor" || text.startsWith('𝒜'), text);
    }
    const Answers = z.object({ responses: z.array(z.object({ id: z.string(), status: z.number() })) });
    const Requests = z.object({ requests: z.array(z.object({ id: z.string(), url: z.string() })) });
    let good = 0;
    for (const { request, answer } of exchanges) {
      const asked = Requests.parse(JSON.parse(request.body.toString())).requests;
      for (const { id, status } of Answers.parse(JSON.parse(answer.body?.toString() ?? '')).responses) {
        const url = decodeURIComponent(asked.find((one) => one.id === id)?.url ?? '');
        assert.ok(status === 200 || status === 404, `${status} for ${url}`);
        good += 1;
      }
    }
    assert.ok(good > texts.length);
  });

  it('asks Graph only for selected properties and small pages', async () => {
    await find('Adele Vance');
    const urls = exchanges.flatMap(({ request }) => request.body.toString().match(/"url":"[^"]+"/g) ?? []);
    assert.ok(urls.length > 1);
    for (const url of urls) assert.match(url, /%24|\$select=[^&]*&\$top=19\b/);
  });

  describe('caches answers', () => {
    let clock: HandClock;
    beforeEach(() => {
      clock = new HandClock();
      directory = open({ clock });
    });
    const requestsFor = async (text: string): Promise<number> => {
      const before = exchanges.length;
      await find(text);
      return exchanges.length - before;
    };

    it('for five minutes, in any case', async () => {
      assert.equal(await requestsFor('Adele Vance'), 1);
      assert.equal(await requestsFor('adele VANCE'), 0);
      clock.advance(5 * 60_000 + 1);
      assert.equal(await requestsFor('Adele Vance'), 1);
    });

    it('for a shorter time if they name nobody', async () => {
      await find('Newcomer');
      emulator.people.add({ displayName: 'Newcomer Smith' });
      assert.equal((await find('Newcomer')).kind, 'none');
      clock.advance(30_001);
      assert.equal((await find('Newcomer')).kind, 'one');
    });

    it('unless they failed', async () => {
      emulator.graph.permissions.clear();
      await assert.rejects(find('Adele Vance'));
      emulator.graph.permissions.add('User.Read.All');
      assert.equal((await find('Adele Vance')).kind, 'one');
    });
  });

  describe('with fewer permissions', () => {
    const refused = (permission: string) => (error: unknown) => {
      assert.ok(error instanceof Error && error.message === 'directory_unavailable');
      assert.ok(error.cause instanceof Error);
      assert.match(
        error.cause.message,
        new RegExp(`permission ${permission}.* is missing.*Authorization_RequestDenied`),
      );
      return true;
    };

    it('finds people with User.ReadBasic.All, and counts them as callable', async () => {
      emulator.graph.permissions.delete('User.Read.All');
      emulator.graph.permissions.add('User.ReadBasic.All');
      const found = await find('Irvin Sayers');
      assert.ok(found.kind === 'one');
      assert.deepEqual(found.callable, { callable: true });
      assert.equal(found.person.assignedPlans, null);
      assert.equal((await find('chris green')).kind, 'several');
    });

    it('names the missing one', async () => {
      emulator.graph.permissions.clear();
      await assert.rejects(find('Adele Vance'), refused('User.Read.All'));
      await assert.rejects(find('adele@contoso.example'), refused('User.Read.All'));
      await assert.rejects(directory.get(adele), refused('User.Read.All'));
      await assert.rejects(directory.managerOf(adele), refused('User.Read.All'));
      await assert.rejects(directory.numbersOf([adele]), refused('User.Read.All'));
      await assert.rejects(directory.membersOf(adele), refused('GroupMember.Read.All'));
      await assert.rejects(directory.isMemberOf(adele, [megan]), refused('GroupMember.Read.All'));
      await assert.rejects(directory.shifts('team', 0), refused('Schedule.Read.All'));
    });

    it('works without presence and photos', async () => {
      emulator.graph.permissions.clear();
      assert.equal(await directory.presence([adele]), null);
      assert.equal(await directory.photo(adele), null);
    });

    it('says that Graph rejects the token', async () => {
      directory = open({ getToken: async () => 'wrong' });
      await assert.rejects(find('Adele Vance'), (error: unknown) => {
        assert.ok(error instanceof Error && error.cause instanceof Error);
        assert.match(error.cause.message, /does not accept the token.*InvalidAuthenticationToken/);
        return true;
      });
    });
  });

  it('gets a person by id or user principal name only', async () => {
    assert.equal((await directory.get('ADELE@contoso.example'))?.id, adele);
    assert.equal((await directory.get(adele.toUpperCase()))?.id, adele);
    for (const id of ['', '.', '..', '../groups', 'Adele Vance', 'nobody@contoso.example', '\uD800@x.y']) {
      assert.equal(await directory.get(id), null, id);
    }
  });

  it('caches presence for 15 seconds', async () => {
    const clock = new HandClock();
    directory = open({ clock });
    const lee = emulator.people.get('Lee Gu').id;
    const presence = await directory.presence([adele, lee, megan.replace('4', '5')]);
    assert.deepEqual(presence && Object.fromEntries(presence), {
      [adele]: { availability: 'Available', activity: 'Available' },
      [lee]: { availability: 'Busy', activity: 'Busy' },
    });
    emulator.people.change('Lee Gu', { presence: { availability: 'Available', activity: 'Available' } });
    assert.equal((await directory.presence([lee]))?.get(lee)?.activity, 'Busy');
    assert.equal(emulator.requests.count('graph.getPresences'), 1);
    clock.advance(15_001);
    assert.equal((await directory.presence([lee]))?.get(lee)?.activity, 'Available');
    assert.deepEqual(await directory.presence([]), new Map());
  });

  it('reads a person and their presence in one request if the object id is known', async () => {
    const found = await directory.find({ objectId: adele, withPresence: true }, null);
    assert.equal(found.kind === 'one' && found.person.displayName, 'Adele Vance');
    assert.equal((await directory.presence([adele]))?.get(adele)?.activity, 'Available');
    assert.equal(exchanges.length, 1);
  });

  it('finds a person without permission to read presence', async () => {
    emulator.graph.permissions.delete('Presence.Read.All');
    assert.equal((await directory.find({ objectId: adele, withPresence: true }, null)).kind, 'one');
    assert.equal(await directory.presence([adele]), null);
  });

  it('reads a photo if there is one', async () => {
    const photo = await directory.photo(adele);
    assert.equal(photo?.contentType, 'image/png');
    assert.deepEqual([...(photo?.bytes.subarray(1, 4) ?? [])], [...Buffer.from('PNG')]);
    assert.equal(await directory.photo(emulator.people.get('Lee Gu').id), null);
  });

  it('finds managers', async () => {
    assert.equal((await directory.managerOf(adele))?.displayName, 'Megan Bowen');
    assert.equal(await directory.managerOf(megan), null);
  });

  it('reads numbers each time they are needed: the mobile, then the first business phone', async () => {
    emulator.people.change(adele, { mobilePhone: ' +49 170 1234567', businessPhones: ['030 1', '030 2'] });
    emulator.people.change(megan, { businessPhones: ['+1 425 555 0100'] });
    const gone = megan.replace('4', '5');
    const numbers = async () => [...(await directory.numbersOf([adele.toUpperCase(), megan, gone]))];
    assert.deepEqual(await numbers(), [
      [adele, ['+49 170 1234567', '030 1']],
      [megan, ['+1 425 555 0100']],
      [gone, []],
    ]);
    emulator.people.change(adele, { mobilePhone: null });
    assert.deepEqual((await numbers())[0], [adele, ['030 1']]);
    assert.deepEqual(await directory.numbersOf([]), new Map());
  });

  it('lists the people of a group and of its nested groups', async () => {
    const inner = emulator.graph.addGroup({ displayName: 'Inner', members: ['Adele Vance'] });
    const outer = emulator.graph.addGroup({
      displayName: 'Outer',
      members: [inner.id, 'Megan Bowen', 'Adele Vance'],
    });
    const other = emulator.graph.addGroup({ displayName: 'Other', members: ['Lee Gu'] });
    const members = await directory.membersOf(outer.id);
    assert.deepEqual(members?.map(({ displayName }) => displayName).toSorted(), [
      'Adele Vance',
      'Megan Bowen',
    ]);
    assert.equal(await directory.membersOf(adele), null);
    const groups = await directory.isMemberOf(adele, [outer.id, inner.id.toUpperCase(), other.id]);
    assert.deepEqual([...groups].toSorted(), [inner.id, outer.id].toSorted());
    assert.deepEqual(await directory.isMemberOf(megan.replace('4', '5'), [outer.id]), new Set());
    assert.deepEqual(await directory.isMemberOf(adele, []), new Set());
  });

  it('reads all pages of a large group', async () => {
    const members = Array.from(
      { length: 1200 },
      (_, at) => emulator.people.add({ displayName: `Member ${at}` }).id,
    );
    const group = emulator.graph.addGroup({ displayName: 'Large', members });
    assert.equal((await directory.membersOf(group.id))?.length, 1200);
  });

  it('checks more groups than Graph allows in one request', async () => {
    const groups = Array.from({ length: 45 }, (_, at) =>
      emulator.graph.addGroup({ displayName: `Group ${at}`, members: at % 2 ? ['Adele Vance'] : [] }),
    );
    const found = await directory.isMemberOf(
      adele,
      groups.map((group) => group.id),
    );
    assert.equal(found.size, 22);
  });

  it('knows who is on duty by Shifts', async () => {
    const at = Date.parse('2026-11-23T12:00:00Z');
    const hour = 3_600_000;
    const shift = (person: string, start: number, end: number): void => {
      emulator.graph.addShift({ teamId: 'team', person, start: at + start * hour, end: at + end * hour });
    };
    shift('Adele Vance', -4, 4);
    shift('Alex Wilber', -100, 60);
    shift('Megan Bowen', -8, 0);
    shift('Lee Gu', 0, 8);
    shift('Diego Siciliani', 1, 8);
    const onDuty = await directory.shifts('team', at);
    const names = onDuty?.map(({ userId }) => emulator.people.get(userId).displayName);
    assert.deepEqual(names?.toSorted(), ['Adele Vance', 'Alex Wilber', 'Lee Gu']);
    assert.equal(onDuty?.[0]?.name, 'On call');
    assert.equal(await directory.shifts('nowhere', at), null);
  });

  it('knows the shifts of 100 days, each once, with those that begin before or end after them', async () => {
    const day = 86_400_000;
    const from = Date.parse('2026-11-23T00:00:00Z');
    for (let at = -10; at < 110; at += 1) {
      emulator.graph.addShift({
        teamId: 'long',
        person: 'Lee Gu',
        start: from + at * day - 1,
        end: from + (at + 1) * day,
      });
    }
    const shifts = (await directory.shifts('long', from, from + 100 * day)) ?? [];
    assert.deepEqual(
      shifts
        .map(({ startsAt }) => Math.ceil((startsAt - from + 1) / day) + 0)
        .toSorted((one, other) => one - other),
      Array.from({ length: 101 }, (_, at) => at),
    );
  });
});
