import type { PageModel, Report, ReportAnswer, TalkTrouble } from '../pageModel.ts';
import type { CallingDevice, DeviceCall, DeviceResult, DeviceState } from './device.ts';
import { askForMicrophone, microphones } from './microphones.ts';
import { Refused, Session } from './session.ts';

/** How often the page reports to the server. */
const REPORT_MS = 1_500;
/**
 * The page ends the call after this time without an answer. The server releases the callee's phone after 60 s, and must
 * not call it while the two are still talking.
 */
const ALONE_MS = 45_000;

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${id}`);
  return found;
}

/** Runs the page. It does nothing until somebody presses "Join". */
export function startPage(deviceOf: (model: PageModel) => CallingDevice): void {
  // The server writes this as a PageModel.
  const written = document.getElementById('model')?.textContent ?? '{}';
  const model = JSON.parse(written) as PageModel;
  const { texts } = model;
  const device = deviceOf(model);
  const session = new Session(location.pathname);
  const main = element('talk', HTMLElement);
  const title = element('heading', HTMLHeadingElement);
  const intro = element('intro', HTMLParagraphElement);
  const stateLine = element('state', HTMLParagraphElement);
  const timer = element('timer', HTMLParagraphElement);
  const banner = element('banner', HTMLParagraphElement);
  const troubleLine = element('trouble', HTMLParagraphElement);
  const join = element('join', HTMLButtonElement);
  const joinMuted = element('join-muted', HTMLButtonElement);
  const mute = element('mute', HTMLButtonElement);
  const keys = element('keys', HTMLButtonElement);
  const keypad = element('keypad', HTMLDivElement);
  const hangUp = element('hang-up', HTMLButtonElement);
  const field = element('microphones', HTMLLabelElement);
  const choice = element('microphone', HTMLSelectElement);

  let call: DeviceCall | null = null;
  let muted = false;
  let told: Pick<ReportAnswer, 'recording' | 'transcription'> = { recording: false, transcription: false };
  const captured = { recording: false, transcription: false };
  let connectedAt: number | null = null;
  let heardAt = 0;
  let joined = false;
  let over = false;
  let askedToEnd = false;
  const report: Report = {
    state: 'starting',
    code: null,
    subCode: null,
    recording: false,
    transcription: false,
    serverCallId: null,
    callId: null,
  };

  const say = (text: string): void => {
    if (stateLine.textContent !== text) stateLine.textContent = text;
  };
  const trouble = (what: TalkTrouble | null): void => {
    troubleLine.hidden = what === null;
    troubleLine.textContent = what === null ? '' : texts.trouble[what];
  };
  const phase = (name: 'ready' | 'joining' | 'calling' | 'talking' | 'over'): void => {
    main.dataset['phase'] = name;
    intro.hidden = name !== 'ready';
    join.hidden = name !== 'ready' && name !== 'joining';
    join.disabled = name === 'joining';
    if (name !== 'ready') joinMuted.hidden = true;
    const running = name === 'calling' || name === 'talking';
    hangUp.hidden = !running;
    mute.hidden = name !== 'talking';
    keys.hidden = name !== 'talking';
    if (name !== 'talking') keypad.hidden = true;
    field.hidden = !running || choice.options.length < 2;
  };
  const showCaptures = (): void => {
    const on = {
      recording: report.recording || told.recording,
      transcription: report.transcription || told.transcription,
    };
    captured.recording ||= on.recording;
    captured.transcription ||= on.transcription;
    const isOn = !over && (on.recording || on.transcription);
    const what = kindOf(isOn ? on : captured);
    const text = what === null ? '' : texts.banner[what][over ? 'was' : isOn ? 'now' : 'over'];
    banner.dataset['on'] = String(isOn);
    banner.hidden = text === '';
    if (banner.textContent !== text) banner.textContent = text;
  };

  const finish = (words: string, why: TalkTrouble | null = null): void => {
    if (over) return;
    over = true;
    phase('over');
    showCaptures();
    say(words);
    trouble(why);
    title.focus();
  };

  const hearServer = (answer: ReportAnswer): void => {
    heardAt = performance.now();
    told = answer;
    if (!over) showCaptures();
    if ((answer.hangUp || answer.over) && call && !askedToEnd) {
      askedToEnd = true;
      void call.hangUp().catch(() => undefined);
    }
    if (!answer.over) return;
    const { disposition } = answer;
    finish(disposition === null ? texts.ended.elsewhere : texts.ended[disposition]);
  };

  // One report at a time, so that the newest arrives last.
  let sending: Promise<void> | null = null;
  let again = false;
  const send = (): void => {
    if (!joined) return;
    if (sending) {
      again = true;
      return;
    }
    sending = session
      .report({ ...report })
      .then(hearServer)
      .catch(async (error: unknown) => {
        // The session was revoked or deleted.
        if (!(error instanceof Refused) || error.status !== 401) return;
        joined = false;
        await call?.hangUp().catch(() => undefined);
        finish(texts.ended.elsewhere);
      })
      .finally(() => {
        sending = null;
        if (again) {
          again = false;
          send();
        }
      });
  };
  const isDone = (): boolean => report.state === 'ended' || report.state === 'failed';
  const beat = setInterval(() => {
    if (!joined) return;
    if (over && isDone()) {
      clearInterval(beat);
      return;
    }
    if (!over && performance.now() - heardAt > ALONE_MS) {
      askedToEnd = true;
      void call?.hangUp().catch(() => undefined);
      finish(texts.state.ended, 'connectionLost');
    }
    send();
    if (connectedAt !== null && !over) {
      const seconds = Math.floor((performance.now() - connectedAt) / 1000);
      timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    }
  }, REPORT_MS);

  const changed = (state: DeviceState, result?: DeviceResult): void => {
    if (isDone()) return;
    if (state === 'ended') {
      Object.assign(report, { state, code: result?.code ?? null, subCode: result?.subCode ?? null });
      // The server's answer will say why the call ended.
      say(texts.state.ended);
      phase('over');
      send();
      return;
    }
    if (report.state === 'hangingUp' || over || report.state === state) return;
    report.state = state;
    if (state === 'connected') {
      connectedAt ??= performance.now();
      timer.textContent = '0:00';
      timer.hidden = false;
      phase('talking');
      say(muted ? texts.state.muted : texts.state.connected);
    } else say(texts.state[state]);
    send();
  };

  const listMicrophones = async (): Promise<void> => {
    const found = await microphones();
    const chosen = choice.value;
    choice.replaceChildren(
      ...found.map(({ deviceId, label }, index) => {
        const name = label || texts.microphoneNumber.replace('{number}', String(index + 1));
        return new Option(name, deviceId, false, deviceId === chosen);
      }),
    );
    field.hidden = choice.options.length < 2 || over || !call;
  };

  const begin = async (withoutMicrophone: boolean): Promise<void> => {
    trouble(null);
    phase('joining');
    if (!withoutMicrophone) {
      say(texts.state.asking);
      const inTheWay = await askForMicrophone();
      if (inTheWay) {
        phase('ready');
        say('');
        trouble(inTheWay);
        joinMuted.hidden = inTheWay === 'insecure' || inTheWay === 'notSupported';
        return;
      }
    }
    await listMicrophones();
    say(texts.state.starting);
    try {
      const { target, cloud, displayName, token } = await session.join();
      joined = true;
      heardAt = performance.now();
      muted = withoutMicrophone;
      showMuted();
      send();
      phase('calling');
      hangUp.focus();
      call = await device.call(
        {
          target,
          cloud,
          displayName,
          token,
          muted,
          microphoneId: choice.value || null,
        },
        {
          state: changed,
          named: ({ serverCallId, callId }) => {
            if (report.serverCallId === serverCallId && report.callId === callId) return;
            Object.assign(report, { serverCallId, callId });
            send();
          },
          captured: ({ recording, transcription }) => {
            if (report.recording === recording && report.transcription === transcription) return;
            Object.assign(report, { recording, transcription });
            showCaptures();
            send();
          },
          trouble: (what) => trouble(what),
        },
      );
      field.hidden = choice.options.length < 2 || over;
      // The person hung up while the call was being prepared.
      if (askedToEnd) await call.hangUp();
    } catch (error) {
      failed(error);
    }
  };

  const failed = (error: unknown): void => {
    if (joined) {
      if (isDone()) return;
      report.state = 'failed';
      send();
      finish(texts.state.ended, 'callFailed');
      return;
    }
    const because = error instanceof Refused ? error.because : 'unavailable';
    if (isGone(because)) {
      const { heading, text } = texts.gone[because];
      title.textContent = heading;
      finish(text);
      return;
    }
    phase('ready');
    say('');
    trouble(because in texts.trouble ? (because as TalkTrouble) : 'unavailable');
  };
  const isGone = (because: string): because is keyof typeof texts.gone => Object.hasOwn(texts.gone, because);

  const showMuted = (): void => {
    mute.setAttribute('aria-pressed', String(muted));
    mute.textContent = muted ? texts.unmute : texts.mute;
    if (report.state === 'connected') say(muted ? texts.state.muted : texts.state.connected);
  };

  join.addEventListener('click', () => void begin(false));
  // The button is disabled until this script runs.
  join.disabled = false;
  joinMuted.addEventListener('click', () => void begin(true));
  mute.addEventListener('click', () => {
    const setMuted = async (wanted: boolean): Promise<void> => {
      try {
        await call?.mute(wanted);
        muted = wanted;
        trouble(null);
        showMuted();
      } catch {
        trouble('muteFailed');
      }
    };
    void setMuted(!muted);
  });
  keys.addEventListener('click', () => {
    keypad.hidden = !keypad.hidden;
    keys.setAttribute('aria-expanded', String(!keypad.hidden));
  });
  keypad.addEventListener('click', ({ target }) => {
    const key = target instanceof HTMLElement ? target.dataset['key'] : undefined;
    if (key === undefined) return;
    void call?.press(key).then(
      () => trouble(null),
      () => trouble('keyFailed'),
    );
  });
  hangUp.addEventListener('click', () => {
    askedToEnd = true;
    if (!isDone()) report.state = 'hangingUp';
    say(texts.state.hangingUp);
    hangUp.disabled = true;
    send();
    void call?.hangUp().catch(() => trouble('muteFailed'));
  });
  choice.addEventListener('change', () => {
    void call?.choose(choice.value).then(
      () => trouble(null),
      () => trouble('microphoneLost'),
    );
  });
  if ('mediaDevices' in navigator) {
    navigator.mediaDevices.addEventListener('devicechange', () => void listMicrophones());
  }
  window.addEventListener('pagehide', () => {
    if (!joined || isDone() || over) return;
    report.state = 'left';
    session.leave(report);
    void call?.hangUp().catch(() => undefined);
  });
}

function kindOf(captured: {
  recording: boolean;
  transcription: boolean;
}): 'recording' | 'transcription' | 'both' | null {
  if (captured.recording) return captured.transcription ? 'both' : 'recording';
  return captured.transcription ? 'transcription' : null;
}
