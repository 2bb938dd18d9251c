import { randomUUID } from 'node:crypto';
import type { CallRecord } from '../callAutomation/call.ts';
import type { Timers } from '../clock.ts';
import { send } from '../http/post.ts';
import type { Work } from '../work.ts';

/** The two schemas of Event Grid. */
export type EventGridSchema = 'EventGrid' | 'CloudEvents';

/** The Event Grid events about calls (documentation, "voice and video calling events"). */
export const gridEventTypes = [
  'CallStarted',
  'CallEnded',
  'CallParticipantAdded',
  'CallParticipantRemoved',
  'RecordingFileStatusUpdated',
] as const;
export type GridEventType = (typeof gridEventTypes)[number];

export interface GridDelivery {
  id: string;
  type: GridEventType;
  /** The status of each attempt; null without an answer. */
  statuses: (number | null)[];
}

export interface EventGridParts {
  timers: Timers;
  work: Work;
}

const topic =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulator/providers/Microsoft.Communication/communicationServices/emulator';
/** The documented pauses; the first ones are enough here. */
const retryDelaysMs = [10_000, 30_000, 60_000, 300_000, 600_000];
const notRetried = new Set([400, 401, 403, 404, 413]);
const answerTimeoutMs = 30_000;

/** One Event Grid subscription to the resource's calls: handshake, and events on request. */
export class EventGrid {
  readonly #parts: EventGridParts;
  readonly #stop = new AbortController();
  readonly #deliveries: GridDelivery[] = [];
  #subscription: { url: URL; schema: EventGridSchema } | null = null;

  constructor(parts: EventGridParts) {
    this.#parts = parts;
  }

  /**
   * Subscribes an address after the schema's handshake. Replaces an earlier subscription.
   *
   * @returns whether the handshake succeeded
   */
  async subscribe(url: URL, schema: EventGridSchema): Promise<boolean> {
    const agreed = await this.#parts.work.during(
      async () => await (schema === 'EventGrid' ? this.#validate(url) : this.#askOptions(url)),
    );
    if (agreed) this.#subscription = { url, schema };
    return agreed;
  }

  /** Every event that was sent, oldest first. */
  deliveries(): readonly GridDelivery[] {
    return this.#deliveries;
  }

  /** Sends the events of a call from a client device, as the service does by itself. */
  follow(call: CallRecord): void {
    if (call.client === null) return;
    if (call.state === 'connected') {
      for (const type of ['CallStarted', 'CallParticipantAdded'] as const) this.publish(type, call);
    } else if (call.state === 'disconnected' && call.connectedAt !== null) {
      for (const type of ['CallParticipantRemoved', 'CallEnded'] as const) this.publish(type, call);
    }
  }

  /**
   * Sends an event about a call.
   *
   * @returns null without a subscription, and for calls without events: "Calling events are only available for ACS
   *   VoIP users. PSTN, bots, echo bot and Teams users events are excluded" (documentation of these events)
   */
  publish(type: GridEventType, call: CallRecord): GridDelivery | null {
    const isExcluded = type !== 'RecordingFileStatusUpdated' && userOf(call) === null;
    if (!this.#subscription || isExcluded) return null;
    const delivery: GridDelivery = { id: randomUUID(), type, statuses: [] };
    this.#deliveries.push(delivery);
    const at = new Date(this.#parts.timers.now()).toISOString();
    const event = this.#eventOf(delivery.id, type, call, at, this.#subscription.schema);
    this.#deliver(delivery, event, this.#subscription.url, 0);
    return delivery;
  }

  stop(): void {
    this.#stop.abort();
  }

  #deliver(delivery: GridDelivery, event: object, url: URL, attempt: number): void {
    void this.#parts.work.during(async () => {
      const isCloudEvent = 'specversion' in event;
      const status = await this.#send('POST', url, {
        headers: {
          'content-type': isCloudEvent
            ? 'application/cloudevents+json; charset=utf-8'
            : 'application/json; charset=utf-8',
          'aeg-event-type': 'Notification',
          'aeg-delivery-count': String(attempt),
        },
        body: JSON.stringify(isCloudEvent ? event : [event]),
      }).then((answer) => answer?.status ?? null);
      delivery.statuses.push(status);
      const delay = retryDelaysMs[attempt];
      const done = status !== null && ((status >= 200 && status <= 204) || notRetried.has(status));
      if (done || delay === undefined || this.#stop.signal.aborted) return;
      this.#parts.timers.after(delay, () => this.#deliver(delivery, event, url, attempt + 1));
    });
  }

  async #validate(url: URL): Promise<boolean> {
    const validationCode = randomUUID().toUpperCase();
    const answer = await this.#send('POST', url, {
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'SubscriptionValidation' },
      body: JSON.stringify([
        {
          id: randomUUID(),
          topic,
          subject: '',
          data: { validationCode, validationUrl: 'https://rp.eventgrid.example/validate' },
          eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
          eventTime: new Date(this.#parts.timers.now()).toISOString(),
          metadataVersion: '1',
          dataVersion: '2',
        },
      ]),
    });
    // A 202 does not count as accepted.
    if (answer?.status !== 200) return false;
    try {
      const body: unknown = JSON.parse(answer.body);
      return (
        typeof body === 'object' &&
        body !== null &&
        'validationResponse' in body &&
        body.validationResponse === validationCode
      );
    } catch {
      return false;
    }
  }

  async #askOptions(url: URL): Promise<boolean> {
    const answer = await this.#send('OPTIONS', url, {
      headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
      body: '',
    });
    const allowed = answer?.headers['webhook-allowed-origin'];
    return answer?.status === 200 && (allowed === 'eventgrid.azure.net' || allowed === '*');
  }

  async #send(method: 'POST' | 'OPTIONS', url: URL, sent: { headers: Record<string, string>; body: string }) {
    const signal = AbortSignal.any([AbortSignal.timeout(answerTimeoutMs), this.#stop.signal]);
    return await send(method, url, { ...sent, signal }).catch(() => null);
  }

  #eventOf(
    id: string,
    type: GridEventType,
    call: CallRecord,
    at: string,
    schema: EventGridSchema,
  ): Record<string, unknown> {
    const { subject, data } = contents(type, call, at);
    const fullType = `Microsoft.Communication.${type}`;
    return schema === 'EventGrid'
      ? {
          id,
          topic,
          subject,
          data,
          eventType: fullType,
          dataVersion: '1.0',
          metadataVersion: '1',
          eventTime: at,
        }
      : { id, source: topic, subject, data, type: fullType, time: at, specversion: '1.0' };
  }
}

/** The user of the resource on the call. Calls of Call Automation are started by a bot. */
function userOf({ client, target }: CallRecord): string | null {
  return client?.identity ?? (target.kind === 'communicationUser' ? target.rawId : null);
}

function contents(
  type: GridEventType,
  call: CallRecord,
  at: string,
): { subject: string; data: Record<string, unknown> } {
  const { serverCallId, correlationId, source } = call;
  const identifier = (rawId: string): object => ({
    communicationIdentifier: { rawId, communicationUser: { id: rawId } },
    role: 'attendee',
  });
  const startedBy = identifier(source ?? '8:acs:unknown');
  const common = {
    startedBy,
    serverCallId,
    correlationId,
    group: null,
    room: null,
    isTwoParty: true,
    isRoomsCall: false,
  };
  const user = identifier(userOf(call) ?? '');
  const about = { user, participantId: randomUUID(), endpointType: 'Voip' };
  switch (type) {
    case 'CallStarted':
      return { subject: `call/${serverCallId}/startedBy/${source ?? ''}`, data: common };
    case 'CallEnded': {
      const from = call.connectedAt ?? call.createdAt;
      const durationOfCall = (Date.parse(at) - from) / 1000;
      return {
        subject: `call/${serverCallId}/startedBy/${source ?? ''}`,
        data: { ...common, durationOfCall },
      };
    }
    case 'CallParticipantAdded':
    case 'CallParticipantRemoved':
      return {
        subject: `call/${serverCallId}/participant/${userOf(call) ?? ''}`,
        data: { ...about, ...common },
      };
    case 'RecordingFileStatusUpdated': {
      const recordingId = call.recording?.id ?? randomUUID();
      const start = call.recording?.startedAt ?? call.connectedAt ?? call.createdAt;
      return {
        subject: `/recording/call/${call.callConnectionId}/serverCallId/${serverCallId}/recordingId/${recordingId}`,
        data: {
          recordingStorageInfo: {
            recordingChunks: [
              {
                documentId: '0-emulator',
                index: 0,
                endReason: 'SessionEnded',
                contentLocation: 'https://storage.asm.skype.com/v1/objects/0-emulator/content/audio',
                metadataLocation: 'https://storage.asm.skype.com/v1/objects/0-emulator/content/acsmetadata',
                deleteLocation: 'https://storage.asm.skype.com/v1/objects/0-emulator',
              },
            ],
          },
          recordingStartTime: new Date(start).toISOString(),
          recordingDurationMs: Math.max(0, Date.parse(at) - start),
          sessionEndReason: 'SessionEnded',
        },
      };
    }
  }
}
