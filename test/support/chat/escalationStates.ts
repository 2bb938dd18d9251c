import type { Audience } from '../../../src/chat/cards/renderers/escalationCard.ts';
import type { Actor } from '../../../src/escalations/escalation.ts';
import { ended, happen } from './calls.ts';
import { at, EscalationStory, keyOf, people, type Story } from './escalations.ts';

const [debra, nestor, alex] = people;
const { sent, accepted, answered } = happen;
const by: Actor = { key: alex?.id ?? '', name: 'Alex Wilber', way: 'card' };

export const fresh = (): EscalationStory => new EscalationStory();
const calling = (): EscalationStory => fresh().after(1).resolves(debra, nestor).call(sent, accepted);
export const declined = (): EscalationStory =>
  calling().after(5).call(sent, accepted, ended(603, 0)).call(sent, accepted);
const pausing = (): EscalationStory => declined().after(30).call(sent, accepted, happen.rang, happen.hungUp);
export const exhausted = (): EscalationStory =>
  new EscalationStory({ steps: [{ targets: [], mode: 'sequence', tries: 1, pauseSeconds: 0 }], repeat: 0 })
    .after(1)
    .resolves();
export const passedOn = (): EscalationStory =>
  fresh()
    .after(1)
    .resolves(debra)
    .happens({ type: 'passedOn', at: at(6), by, key: null })
    .call(sent, accepted, { type: 'hangUpRequested', at: at(6), by: 'escalation' }, happen.hungUp);
export const acknowledged = (): EscalationStory =>
  declined().happens({ type: 'acknowledged', at: at(20), by });

export const everybody: Audience = { kind: 'everybody' };
export const callee = (key: string | undefined, isCalled: boolean): Audience => ({
  kind: 'callee',
  key: key ?? '',
  step: 0,
  isCalled,
});

/** Every state of an escalation that people see: what the card says and which buttons it has. */
export const escalationStates: readonly [
  name: string,
  story: () => Story,
  audience: Audience,
  state: string,
  color: string,
  buttons: readonly string[],
][] = [
  ['findingOut', fresh, everybody, 'Finding out who to call …', 'Attention', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['calling', calling, everybody, 'Calling …', 'Attention', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['callee', calling, callee(keyOf(debra), true), 'Calling …', 'Attention', ['Acknowledge', "Can't take it", 'Call the next person']],
  ['calleeAfterwards', declined, callee(keyOf(debra), false), 'Calling …', 'Attention', ['Acknowledge', 'Call the next person']],
  ['talking', () => calling().call(sent, accepted, answered), everybody, 'On the phone', 'Warning', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['pausing', pausing, everybody, 'Pausing', 'Attention', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['paused', () => pausing().paused(40, 'Megan Bowen'), everybody, 'Paused', 'Warning', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['acknowledged', acknowledged, everybody, 'Acknowledged', 'Good', ['Resolve']],
  ['calleeAcknowledged', acknowledged, callee(keyOf(debra), false), 'Acknowledged', 'Good', ['Resolve']],
  ['resolved', () => acknowledged().happens({ type: 'resolved', at: at(60), by, note: 'Restarted it' }), everybody, 'Resolved', 'Good', []],
  ['cancelled', () => declined().happens({ type: 'cancelled', at: at(60), by }), everybody, 'Stopped', 'Default', []],
  ['exhausted', exhausted, everybody, 'Nobody acknowledged', 'Attention', ['Acknowledge', 'Resolve']],
  ['passedOn', passedOn, everybody, 'Pausing', 'Attention', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['told', exhausted, { kind: 'told' }, 'Nobody acknowledged', 'Attention', ['Acknowledge', 'Resolve']],
  ['test', () => new EscalationStory({ test: true, details: null, links: [] }).after(1).resolves(debra).call(sent, accepted), everybody, 'Calling …', 'Attention', ['Acknowledge', 'Call the next person', 'Resolve', 'Stop']],
  ['ofNames', () => new EscalationStory({ policy: null, repeat: 0 }).after(1).resolves(debra).call(sent, accepted), callee(keyOf(debra), true), 'Calling …', 'Attention', ['Acknowledge', "Can't take it", 'Call the next person']],
]; // prettier-ignore
