import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import type { Message } from '../../../emulator/connector/activity.ts';
import { onDuty } from '../../../src/schedules/onDuty.ts';
import { coversIn } from '../../../src/schedules/coverStore.ts';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { dutyPlanOf } from '../../../src/escalations/policies.ts';
import { wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const adele = 'Adele Vance';
const alex = 'Alex Wilber';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const zone = 'Europe/Berlin';

const yaml = `
timeZone: ${zone}
rotations:
  web: {members: [adele@contoso.example, alex@contoso.example], every: 1d, handover: "Mon 09:00"}
policies:
  web: {steps: [{targets: [{rotation: web}]}]}
  plain: {steps: [{targets: [{user: alex@contoso.example}]}]}
`;
const { rotations } = dutyPlanOf(readRingdownYaml(yaml, {}));

describe('Exchanging duty in chat', () => {
  const room = inRoom({ yaml });
  const { say, words, press, nowOf } = storyOf(room);

  it('looks', async () => {
    for (const who of [adele, alex]) {
      for (const text of ['hi', 'swap web with Alex on tomorrow', 'swap web with Adele tomorrow', 'swap plain with Alex tomorrow', 'swap web with Megan tomorrow', 'swap web with Chris tomorrow', 'swap web with Alex on 2099-01-01','swap web with Help Desk tomorrow', 'swap web with me tomorrow', 'swap web', 'on call web']) {
        for (const m of await say(text, { from: who })) { console.log(`[${who}] ${text}\n`, m.conversationId, '\n', wordsOf(m).replaceAll('\n','\n   ')); }
      }
    }
  });
});
