import type { CallRecord, LiveCall } from '../callAutomation/call.ts';
import type { Emulator } from '../surface.ts';
import { EventFault } from '../faults/eventFaults.ts';
import { empty, json } from '../http/answer.ts';
import { param } from '../http/router.ts';
import type { EmulatorRequest, Route } from '../http/router.ts';
import type { Person } from '../people/person.ts';
import type { Phone } from '../phones/phone.ts';
import { AddFault, AddPerson, Capture, ChangePerson, ChangeTimings } from './bodies.ts';
import { Press, Publish, SetScript, Subscribe, WhichCall } from './bodies.ts';
import { controlError, readControl } from './bodies.ts';
import { channelControlRoutes } from './channelRoutes.ts';
import { changing, reading } from './route.ts';
import { streamChanges } from './stream.ts';
import { allRings, personView, phoneView } from './views.ts';

/**
 * The control API, for tests in other processes, the demo and the phones page. Everything that changes something
 * needs the header `X-Emulator-Control: 1`, which a page of another site cannot send.
 */
export function controlRoutes(emulator: Emulator): Route[] {
  const { people, phones, calls } = emulator;
  const person = (request: EmulatorRequest): Person => {
    const found = people.find(param(request, 'id'));
    if (!found) throw controlError(404, `There is nobody "${param(request, 'id')}".`);
    return found;
  };
  /** Operates a phone by hand: 409 if the phone is not in a state for it. */
  const byHand = (path: string, act: (phone: Phone, request: EmulatorRequest) => boolean): Route =>
    changing('POST', `/phones/{id}/${path}`, (request) => {
      const phone = phones.of(person(request));
      if (!act(phone, request)) throw controlError(409, 'The phone cannot do that in its current state.');
      return json(200, phoneView(phone));
    });

  const callOf = (id: string): CallRecord => {
    const record = calls.record(id);
    if (!record) throw controlError(404, 'The call does not exist.');
    return record;
  };
  /** Starts or stops a recording or transcription, as somebody other than the application. */
  const capturing = (name: string, act: (call: LiveCall, on: boolean) => boolean): Route =>
    changing('POST', `/calls/{id}/${name}`, (request) => {
      const record = callOf(param(request, 'id'));
      const isOver = record.endedAt !== null;
      const { on } = readControl(request, Capture);
      if (isOver || !act(calls.live(record.callConnectionId), on)) {
        throw controlError(409, 'The call cannot do that in its current state.');
      }
      return json(200, record);
    });

  return [
    reading('/state', () =>
      json(200, {
        now: new Date().toISOString(),
        people: people.list().map((one) => personView(emulator, one)),
        calls: calls.list(),
        timings: emulator.timings,
      }),
    ),
    reading('/events', () => ({ stream: (response) => streamChanges(emulator.changes, response) })),
    reading('/people', () =>
      json(
        200,
        people.list().map((one) => personView(emulator, one)),
      ),
    ),
    reading('/people/{id}', (request) => json(200, personView(emulator, person(request)))),
    changing('POST', '/people', (request) => json(201, people.add(readControl(request, AddPerson)))),
    changing('POST', '/people/{id}', (request) => {
      const changed = people.change(person(request).id, readControl(request, ChangePerson));
      return json(200, personView(emulator, changed));
    }),
    changing('DELETE', '/people/{id}', (request) => {
      people.remove(person(request).id);
      return empty(204);
    }),
    changing('POST', '/people/{id}/script', (request) => {
      const script = readControl(request, SetScript);
      const changed = people.script(person(request).id, ...(Array.isArray(script) ? script : [script]));
      return json(200, personView(emulator, changed));
    }),
    reading('/phones/{id}', (request) => {
      const phone = phones.of(person(request));
      return json(200, { ...phoneView(phone), rings: phone.rings(), spoken: phone.spoken() });
    }),
    byHand('answer', (phone, request) => phone.answer(readControl(request, WhichCall).callConnectionId)),
    byHand('decline', (phone, request) => phone.decline(readControl(request, WhichCall).callConnectionId)),
    byHand('press', (phone, request) => phone.press(readControl(request, Press).tone)),
    byHand('hang-up', (phone) => phone.hangUp()),
    reading('/rings', () => json(200, allRings(emulator))),
    reading('/calls', () => json(200, calls.list())),
    reading('/calls/{id}', (request) => {
      return json(200, callOf(param(request, 'id')));
    }),
    capturing('recording', (call, on) => emulator.captures.record(call, on)),
    capturing('transcription', (call, on) => emulator.captures.transcribe(call, on)),
    changing('POST', '/event-grid/subscribe', async (request) => {
      const { url, schema = 'EventGrid' } = readControl(request, Subscribe);
      if (await emulator.eventGrid.subscribe(new URL(url), schema)) return empty(204);
      throw controlError(409, 'The handshake failed.');
    }),
    changing('POST', '/event-grid/publish', (request) => {
      const { callConnectionId, type } = readControl(request, Publish);
      const delivery = emulator.eventGrid.publish(type, callOf(callConnectionId));
      if (!delivery)
        throw controlError(409, 'There is no subscription, or the service sends no events for such a call.');
      return json(202, delivery);
    }),
    reading('/event-grid', () => json(200, emulator.eventGrid.deliveries())),
    reading('/requests', () =>
      json(200, { counts: emulator.requests.counts(), requests: emulator.requests.list() }),
    ),
    reading('/faults', () => json(200, emulator.faults.pending)),
    changing('POST', '/faults', (request) => {
      emulator.faults.add(readControl(request, AddFault));
      return json(201, emulator.faults.pending);
    }),
    changing('DELETE', '/faults', () => {
      emulator.faults.clear();
      return empty(204);
    }),
    changing('POST', '/event-faults', (request) => {
      const fault = readControl(request, EventFault);
      emulator.eventFaults.add(fault);
      return json(201, fault);
    }),
    changing('DELETE', '/event-faults', () => {
      emulator.eventFaults.clear();
      return empty(204);
    }),
    changing('POST', '/timings', (request) =>
      json(200, Object.assign(emulator.timings, readControl(request, ChangeTimings))),
    ),
    changing('POST', '/keys/rotate', async () => {
      await emulator.keys.rotate();
      return empty(204);
    }),
    ...channelControlRoutes(emulator.channel),
  ];
}
