import { z } from 'zod';
import type { Assets } from '../../browserCode/assets.ts';
import type { IdentifierCloud } from '../../config/clouds.ts';
import { RingdownError } from '../../errors.ts';
import { gonePage, talkPage } from '../../talk/page.ts';
import type { JoinAnswer, ReportAnswer } from '../../talk/pageModel.ts';
import { pageTexts } from '../../talk/pageTexts.ts';
import { contentSecurityPolicy } from '../../talk/contentSecurityPolicy.ts';
import type { Joined, Talk } from '../../talk/talk.ts';
import type { ChosenLanguages } from '../../languages/chosenLanguages.ts';
import { textsFor } from '../../texts/texts.ts';
import { acceptedLanguage } from '../acceptedLanguage.ts';
import { openToAll, type Reply, type RequestHead, type Route } from '../route.ts';
import { assetReply } from '../assetReply.ts';

export interface TalkPorts {
  talk: Pick<Talk, 'look' | 'join' | 'callOf' | 'report'>;
  readerLanguage: ChosenLanguages['of'];
  asset: Assets['find'];
  /** Origin of the emulator, if calls go there. */
  emulator: string | null;
  cloud: IdentifierCloud;
}

const joinBody = z.object({ session: z.string().max(100) });
const resultCode = z.int().min(0).max(999_999).nullable();
const reportBody = z.object({
  state: z.enum(['starting', 'calling', 'ringing', 'connected', 'hangingUp', 'ended', 'failed', 'left']),
  code: resultCode,
  subCode: resultCode,
  recording: z.boolean(),
  transcription: z.boolean(),
  // Pages of the previous version do not send this.
  serverCallId: z.string().min(1).max(2000).nullable().default(null),
  callId: z.string().min(1).max(200).nullable().default(null),
});

/**
 * The routes of the browser page. Opening it has no effect; joining uses up the link, and from then on the page's own
 * secret counts.
 */
export function talkRoutes({ talk, readerLanguage, asset, emulator, cloud }: TalkPorts): Route[] {
  const headers = {
    'Content-Security-Policy': contentSecurityPolicy(emulator, cloud),
    'Permissions-Policy': 'microphone=(self), autoplay=(self), camera=(), geolocation=()',
    'X-Robots-Tag': 'noindex, nofollow',
  };
  const html = (status: number, body: string): Reply => ({
    status,
    body,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' },
  });
  const answerOf = ({ target: { kind, id }, displayName, token }: Joined): JoinAnswer => ({
    target: { kind, id },
    cloud,
    displayName,
    token,
  });
  return [
    {
      method: 'GET',
      path: '/talk/assets/:name',
      body: 'none',
      admit: openToAll(async (request) => await assetReply(request, asset)),
    },
    {
      method: 'GET',
      path: '/talk/:link',
      body: 'none',
      admit: openToAll(async (request) => {
        const looked = await talk.look(request.params['link'] ?? '');
        const call = looked.kind === 'open' ? looked.call : undefined;
        const known = readerLanguage(
          call?.requestedBy.key,
          acceptedLanguage(request.headers),
          call?.language,
        );
        const texts = textsFor(known);
        const language = texts.format.locale;
        if (looked.kind === 'gone') {
          return html(
            looked.because === 'unknown' ? 404 : 410,
            gonePage(texts.talk.page.gone[looked.because], language),
          );
        }
        const callee = looked.call.target.displayName;
        return html(200, talkPage(callee, { texts: pageTexts(texts, callee), emulator }, language));
      }),
    },
    {
      method: 'POST',
      path: '/talk/:link/join',
      body: 'json',
      admit: openToAll(async ({ params, body }) => {
        const { session } = read(joinBody, body);
        return { status: 200, body: answerOf(await talk.join(params['link'] ?? '', session)) };
      }),
    },
    {
      method: 'POST',
      path: '/talk/session/report',
      goesFirst: true,
      body: 'json',
      admit: async (head) => {
        const callId = await talk.callOf(bearer(head));
        return {
          isKnown: true,
          handle: async ({ body }) => {
            const answer: ReportAnswer = await talk.report(callId, read(reportBody, body));
            return { status: 200, body: answer };
          },
        };
      },
    },
  ];
}

/** @throws RingdownError unauthorized */
function bearer({ headers: { authorization } }: RequestHead): string {
  const found = /^Bearer ([\w-]{43})$/i.exec(authorization ?? '')?.[1];
  if (found === undefined) throw new RingdownError('unauthorized');
  return found;
}

function read<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new RingdownError('bad_request');
  return parsed.data;
}
