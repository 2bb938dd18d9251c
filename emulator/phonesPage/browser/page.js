// @ts-check
/*
 * The phones page. It has no state of its own: after each change in the emulator it reads everything again and
 * redraws. Names and messages are only ever set as text.
 */

/** @import { PhonesView } from '../view.ts' */
/** @import { Script } from '../../people/script.ts' */
/** @typedef {PhonesView['phones'][number]} PhoneView */
/** @typedef {PhonesView['calls'][number]} CallView */
/** @typedef {PhonesView['timings']} Timings */

/**
 * @template {HTMLElement} T
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
function one(within, selector, kind) {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`The page has no ${selector}.`);
  return found;
}

/** @param {ParentNode} within @param {string} name */
const part = (within, name) => one(within, `[data-part="${name}"]`, HTMLElement);

/** @param {string} id @returns {HTMLElement} */
function fromTemplate(id) {
  const copy = one(document, `#${id}`, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new TypeError(`The template ${id} is empty.`);
  return copy;
}

/**
 * Sets text only if it changes, so that a screen reader does not read it twice.
 * @param {HTMLElement} element
 * @param {string} text
 */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const connection = one(document, '#connection', HTMLElement);
const find = one(document, '#find', HTMLInputElement);
const said = one(document, '#said', HTMLElement);
const alarm = one(document, '#alarm', HTMLElement);
const phoneList = one(document, '#phones', HTMLElement);
const callList = one(document, '#calls', HTMLElement);

/** What the page currently shows. @type {PhonesView | null} */
let view = null;
/** The emulator's time minus the browser's. */
let ahead = 0;
/** @type {Map<string, HTMLElement>} */
const phones = new Map();
/** @type {Map<string, HTMLElement>} */
const calls = new Map();

// --- Behaviour of a phone ---

/**
 * `delay` reads the delay of a script; null if there is none. A name stands for a timing of the service, which is the
 * same for everybody.
 * @type {{
 *   name: string,
 *   label: string,
 *   fits: (script: Script) => boolean,
 *   make: (ms: number) => Script,
 *   delay: ((script: Script) => number) | 'failureMs' | 'unansweredMs' | null,
 * }[]}
 */
const behaviours = [
  {
    name: 'byHand',
    label: 'Rings: you answer',
    fits: (script) => 'byHand' in script,
    make: () => ({ byHand: true }),
    delay: null,
  },
  {
    name: 'answers',
    label: 'Answers',
    fits: (script) =>
      'answers' in script &&
      !script.answers.presses &&
      !script.answers.replies &&
      script.answers.hangsUpAfterMs === undefined,
    make: (afterMs) => ({ answers: { afterMs } }),
    delay: (script) => ('answers' in script ? script.answers.afterMs : undefined) ?? 2000,
  },
  {
    name: 'presses',
    label: 'Answers, presses 1',
    fits: (script) => 'answers' in script && script.answers.presses !== undefined,
    make: (afterMs) => ({ answers: { afterMs, listens: true, presses: [{ tone: 'one', afterMs: 1000 }] } }),
    delay: (script) => ('answers' in script ? script.answers.afterMs : undefined) ?? 2000,
  },
  {
    name: 'replies',
    label: 'Answers, presses 1, then 5',
    fits: (script) => 'answers' in script && script.answers.replies !== undefined,
    make: (afterMs) => ({ answers: { afterMs, replies: ['1', '5'] } }),
    delay: (script) => ('answers' in script ? script.answers.afterMs : undefined) ?? 2000,
  },
  {
    name: 'voicemail',
    label: 'Is a mailbox',
    fits: (script) => 'voicemail' in script,
    make: (afterMs) => ({ voicemail: { afterMs } }),
    delay: (script) => ('voicemail' in script ? script.voicemail.afterMs : undefined) ?? 10_000,
  },
  {
    name: 'hangsUp',
    label: 'Answers, hangs up',
    fits: (script) => 'answers' in script && script.answers.hangsUpAfterMs !== undefined,
    make: (afterMs) => ({ answers: { afterMs, hangsUpAfterMs: 3000 } }),
    delay: (script) => ('answers' in script ? script.answers.afterMs : undefined) ?? 2000,
  },
  {
    name: 'declines',
    label: 'Declines',
    fits: (script) => 'declines' in script,
    make: (afterMs) => ({ declines: { afterMs } }),
    delay: (script) => ('declines' in script ? script.declines.afterMs : undefined) ?? 2000,
  },
  {
    name: 'noAnswer',
    label: 'Does not answer',
    fits: (script) => 'noAnswer' in script,
    make: () => ({ noAnswer: true }),
    delay: 'unansweredMs',
  },
  {
    name: 'busy',
    label: 'Is busy',
    fits: (script) => 'busy' in script,
    make: () => ({ busy: true }),
    delay: 'failureMs',
  },
  {
    name: 'unreachable',
    label: 'Is not reachable',
    fits: (script) => 'unreachable' in script,
    make: () => ({ unreachable: true }),
    delay: 'failureMs',
  },
  {
    name: 'notAllowed',
    label: 'May not be called',
    fits: (script) => 'notAllowed' in script,
    make: () => ({ notAllowed: '403/10124' }),
    delay: 'failureMs',
  },
];

/** @param {PhoneView} phone */
function behaviourOf(phone) {
  const script = phone.scripts[0] ?? { answers: {} };
  const behaviour = behaviours.find(({ fits }) => fits(script));
  if (!behaviour) throw new TypeError('The page does not know this script.');
  return { script, behaviour };
}

/**
 * @param {ReturnType<typeof behaviourOf>} behaving
 * @param {Timings} timings
 * @returns {number | null} milliseconds
 */
function delayOf({ script, behaviour: { delay } }, timings) {
  if (delay === null) return null;
  return typeof delay === 'string' ? timings[delay] : delay(script);
}

// --- Requests to the emulator ---

/**
 * @param {string} path below /control
 * @param {unknown} [body]
 */
async function post(path, body) {
  const response = await fetch(`/control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-emulator-control': '1' },
    body: JSON.stringify(body ?? {}),
  });
  // 409: it has stopped ringing, or the other side was faster. The page is about to show that.
  if (!response.ok && response.status !== 409) throw new Error(`The emulator answered ${response.status}.`);
}

/**
 * Runs an action of a phone, and shows an error there if it fails.
 * @param {HTMLElement} phone
 * @param {() => Promise<unknown>} act
 */
function attempt(phone, act) {
  const trouble = part(phone, 'trouble');
  void act()
    .then(
      () => '',
      () => 'The emulator did not take that. Is it running?',
    )
    .then((words) => {
      trouble.textContent = words;
      trouble.hidden = words === '';
      return refresh();
    });
}

// --- A phone ---

const keys = [
  ['1', 'one'],
  ['2', 'two'],
  ['3', 'three'],
  ['4', 'four'],
  ['5', 'five'],
  ['6', 'six'],
  ['7', 'seven'],
  ['8', 'eight'],
  ['9', 'nine'],
  ['✱', 'asterisk'],
  ['0', 'zero'],
  ['#', 'pound'],
];
const keyOf = new Map(keys.map(([key, tone]) => [tone, key]));
/** The keys of a computer keyboard. */
const typed = new Map([...keys, ['*', 'asterisk']].map(([key, tone]) => [key, tone]));

/** @param {string} personId */
function newPhone(personId) {
  const phone = fromTemplate('phone');
  const path = `phones/${encodeURIComponent(personId)}`;
  const keypad = part(phone, 'keypad');
  const script = one(phone, '[data-part="script"]', HTMLSelectElement);
  const delay = one(phone, '[data-part="delay"]', HTMLInputElement);
  const act = (/** @type {string} */ name) => one(phone, `[data-act="${name}"]`, HTMLButtonElement);
  const shown = () => view?.phones.find((other) => other.personId === personId);

  const title = part(phone, 'name');
  title.id = `name-${personId}`;
  phone.setAttribute('aria-labelledby', title.id);
  phone.dataset['person'] = personId;

  const press = (/** @type {string} */ tone) => attempt(phone, () => post(`${path}/press`, { tone }));
  for (const [key = '', tone = ''] of keys) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = key;
    button.setAttribute('aria-label', tone);
    button.addEventListener('click', () => press(tone));
    keypad.append(button);
  }
  const toggle = act('keypad');
  toggle.addEventListener('click', () => {
    keypad.hidden = !keypad.hidden;
    toggle.setAttribute('aria-expanded', String(!keypad.hidden));
    scrollCaptions(phone);
  });
  keypad.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
    const tone = typed.get(key);
    if (tone && !ctrlKey && !metaKey && !altKey) press(tone);
  });

  const whichCall = () => ({ callConnectionId: shown()?.incoming?.callConnectionId });
  act('answer').addEventListener('click', () => attempt(phone, () => post(`${path}/answer`, whichCall())));
  act('decline').addEventListener('click', () => attempt(phone, () => post(`${path}/decline`, whichCall())));
  act('hang-up').addEventListener('click', () => attempt(phone, () => post(`${path}/hang-up`)));

  for (const [name, kind] of /** @type {const} */ ([
    ['record', 'recording'],
    ['transcribe', 'transcription'],
  ])) {
    act(name).addEventListener('click', () => {
      const current = shown()?.current;
      const on = !(kind === 'recording' ? current?.recording : current?.transcribing);
      if (current) attempt(phone, () => post(`calls/${current.callConnectionId}/${kind}`, { on }));
    });
  }

  for (const { name, label } of behaviours) script.add(new Option(label, name));
  // One after another, in the order they were chosen.
  let settings = Promise.resolve();
  /** @param {(chosen: (typeof behaviours)[number]) => Promise<void>} set */
  const setting = (set) => {
    // The behaviour chosen here, which the emulator may not have reported yet.
    const chosen = behaviours.find(({ name }) => name === script.value);
    if (!chosen) return;
    attempt(phone, () => {
      const done = settings.then(() => set(chosen));
      settings = done.catch(() => undefined);
      return done;
    });
  };
  const ofPerson = `people/${encodeURIComponent(personId)}/script`;
  script.addEventListener('change', () => setting((chosen) => post(ofPerson, chosen.make(2000))));
  delay.addEventListener('change', () => {
    if (!delay.checkValidity() || delay.value === '') return;
    const ms = Math.round(Number(delay.value) * 1000);
    setting((chosen) =>
      typeof chosen.delay === 'string'
        ? post('timings', { [chosen.delay]: ms })
        : post(ofPerson, chosen.make(ms)),
    );
  });
  return phone;
}

/**
 * @param {HTMLElement} element
 * @param {PhoneView} phone
 * @param {PhonesView} now
 */
function showPhone(element, phone, now) {
  say(part(element, 'name'), phone.displayName);
  say(part(element, 'about'), phone.about);
  part(element, 'about').title = phone.about;
  say(part(element, 'initials'), initials(phone.displayName));

  const state = phone.incoming ? 'ringing' : phone.current ? 'talking' : 'idle';
  const before = element.dataset['state'];
  const focused = element.contains(document.activeElement);
  element.dataset['state'] = state;
  for (const panel of element.querySelectorAll('[data-show]')) {
    if (panel instanceof HTMLElement) panel.hidden = panel.dataset['show'] !== state;
  }
  if (state !== before) {
    const keypad = part(element, 'keypad');
    keypad.hidden = true;
    one(element, '[data-act="keypad"]', HTMLButtonElement).setAttribute('aria-expanded', 'false');
    // The focused button is gone, so focus the phone itself: the next Tab continues from here.
    if (
      focused &&
      (document.activeElement === document.body || document.activeElement?.closest('[hidden]'))
    ) {
      element.focus({ preventScroll: true });
    }
  }

  if (phone.incoming) {
    const caller = phone.incoming.callerName ?? 'Unknown caller';
    const handedOver = phone.incoming.reason === 'transfer';
    const { state: atService } = phone.incoming;
    say(part(element, 'incoming-state'), atService ? `Service: ${stateWords[atService].toLowerCase()}` : '');
    say(part(element, 'incoming'), handedOver ? 'Call handed over to you' : 'Incoming call');
    say(part(element, 'caller'), caller);
    say(part(element, 'caller-initials'), initials(caller));
    one(element, '[data-act="answer"]', HTMLButtonElement).setAttribute(
      'aria-label',
      `Answer: ${phone.displayName}’s phone`,
    );
    one(element, '[data-act="decline"]', HTMLButtonElement).setAttribute(
      'aria-label',
      `Decline: ${phone.displayName}’s phone`,
    );
  }
  if (phone.current) showConversation(element, phone.current);

  const { last, scripts } = phone;
  say(part(element, 'last'), last ? `${lastWords[last.state ?? 'failed']}, ${time(last.at)}` : 'No call yet');
  say(part(element, 'result'), last?.ended ? `${last.ended.code}/${last.ended.subCode}` : '');
  say(part(element, 'scripts'), scripts.length > 1 ? `${scripts.length} scripts, one for each call` : '');

  const behaving = behaviourOf(phone);
  const select = one(element, '[data-part="script"]', HTMLSelectElement);
  const delay = one(element, '[data-part="delay"]', HTMLInputElement);
  const ms = delayOf(behaving, now.timings);
  if (document.activeElement !== select) select.value = behaving.behaviour.name;
  part(element, 'delay-label').hidden = ms === null;
  if (ms !== null && document.activeElement !== delay) delay.value = String(ms / 1000);
  const forAll = typeof behaving.behaviour.delay === 'string';
  const seconds = forAll ? 'Seconds until the service gives up, for everybody' : 'Seconds before that';
  delay.setAttribute('aria-label', seconds);
  delay.title = seconds;
}

/** The outcome of the last call, at this phone. @type {Record<import('../../phones/ring.ts').RingRecord['state'] | 'failed', string>} */
const lastWords = {
  ringing: 'Rings',
  onCall: 'On the phone',
  declined: 'Call declined',
  stopped: 'Missed call',
  ended: 'Call ended',
  failed: 'Call did not get through',
};

/**
 * @param {HTMLElement} element
 * @param {NonNullable<PhoneView['current']>} current
 */
function showConversation(element, current) {
  const caller = current.callerName ?? 'Unknown caller';
  say(part(element, 'talk-caller'), caller);
  say(part(element, 'talk-initials'), initials(caller));
  part(element, 'timer').dataset['since'] = String(current.since);
  const tones = current.tones.slice(-8).map((tone) => keyOf.get(tone) ?? tone.toUpperCase());
  const atService =
    current.state === 'disconnected' ? 'handed over' : stateWords[current.state ?? 'connected'];
  const doing = tones.length > 0 ? `pressed ${tones.join(' ')}` : atService.toLowerCase();
  say(part(element, 'doing'), ` · ${doing}`);

  const record = one(element, '[data-act="record"]', HTMLButtonElement);
  say(record, current.recording ? 'Stop recording' : 'Record');
  record.setAttribute('aria-pressed', String(current.recording));
  const transcribe = one(element, '[data-act="transcribe"]', HTMLButtonElement);
  say(transcribe, current.transcribing ? 'Stop transcribing' : 'Transcribe');
  transcribe.setAttribute('aria-pressed', String(current.transcribing));
  // After a transfer the call no longer belongs to the application.
  part(element, 'captures').hidden = current.state !== 'connected';

  const captions = part(element, 'captions');
  if (captions.dataset['call'] !== current.callConnectionId) {
    captions.replaceChildren();
    captions.dataset['call'] = current.callConnectionId;
  }
  current.spoken.forEach(({ text, at, speaking }, index) => {
    let line = captions.children[index];
    if (!(line instanceof HTMLElement)) {
      line = document.createElement('p');
      const already = document.createElement('span');
      const coming = document.createElement('span');
      coming.className = 'coming';
      line.append(already, coming);
      captions.append(line);
      say(said, `${part(element, 'name').textContent} hears: ${text}`);
    }
    if (!(line instanceof HTMLElement)) return;
    line.dataset['text'] = text;
    line.dataset['at'] = at !== null && speaking ? String(at) : '';
    line.classList.toggle('now', index === current.spoken.length - 1);
  });
}

/**
 * Scrolls to what is being spoken, not to what is still to come.
 * @param {HTMLElement} phone
 */
function scrollCaptions(phone) {
  const captions = part(phone, 'captions');
  const coming = captions.lastElementChild?.lastElementChild;
  const rest = coming ? coming.getBoundingClientRect().height : 0;
  const line = Number.parseFloat(getComputedStyle(captions).lineHeight);
  captions.scrollTop = captions.scrollHeight - captions.clientHeight - Math.max(0, rest - line);
}

// --- What changes with time: the duration of a call, the words of a sentence ---

function tick() {
  const now = Date.now() + ahead;
  const clock = new Date(now).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  for (const phone of phones.values()) {
    say(part(phone, 'clock'), clock);
    if (phone.dataset['state'] !== 'talking') continue;
    const timer = part(phone, 'timer');
    say(timer, duration(now - Number(timer.dataset['since'])));
    let moved = false;
    for (const line of part(phone, 'captions').children) {
      if (!(line instanceof HTMLElement)) continue;
      const text = line.dataset['text'] ?? '';
      const at = line.dataset['at'];
      const perCharacter = view?.timings.perCharacterMs ?? 0;
      const characters = [...text];
      const spoken = at ? Math.ceil((now - Number(at)) / Math.max(perCharacter, 1)) : characters.length;
      const [already, coming] = line.children;
      const heard = characters.slice(0, spoken).join('');
      if (!already || !coming || already.textContent === heard) continue;
      already.textContent = heard;
      coming.textContent = characters.slice(spoken).join('');
      moved = true;
    }
    if (moved) scrollCaptions(phone);
  }
  for (const [id, element] of calls) {
    const call = view?.calls.find(({ callConnectionId }) => callConnectionId === id);
    if (call) say(part(element, 'times'), timesOf(call, now));
  }
}

/** @param {CallView} call @param {number} now */
function timesOf(call, now) {
  const from = call.connectedAt === null ? call.createdAt : call.connectedAt;
  const spent = duration((call.endedAt ?? now) - from);
  const talked = call.connectedAt === null ? (call.endedAt === null ? '' : 'not answered, ') : 'connected ';
  return `${time(call.createdAt)} · ${talked}${spent}`;
}

// --- Calls at the service ---

/** @type {Record<CallView['state'], string>} */
const stateWords = {
  connecting: 'Connecting',
  connected: 'Connected',
  transferring: 'Transferring',
  disconnected: 'Disconnected',
};

/** @param {HTMLElement} element @param {CallView} call */
function showCall(element, call) {
  element.dataset['state'] = call.state;
  say(part(element, 'who'), call.callee);
  say(part(element, 'state'), stateWords[call.state]);
  const { ended } = call;
  const pressed = call.tones.length > 0 ? `Keys: ${call.tones.join(', ')}. ` : '';
  const words = ended ? `${ended.event} ${ended.code}/${ended.subCode}. ${plain(ended.message)}` : '';
  say(part(element, 'result'), `${pressed}${words}`.trim());
}

/** The service's message without its code, which is shown in front of it. @param {string} message */
function plain(message) {
  return message.replace(/\s*DiagCode:.*$/, '');
}

// --- All of it ---

/** @param {PhonesView} now */
function show(now) {
  view = now;
  ahead = now.now - Date.now();
  keep(phones, phoneList, now.phones, ({ personId }) => personId, newPhone);
  for (const phone of now.phones) {
    const element = phones.get(phone.personId);
    if (element) showPhone(element, phone, now);
  }
  keep(
    calls,
    callList,
    now.calls,
    ({ callConnectionId }) => callConnectionId,
    () => fromTemplate('call'),
  );
  for (const call of now.calls) {
    const element = calls.get(call.callConnectionId);
    if (element) showCall(element, call);
  }
  one(document, '#no-calls', HTMLElement).hidden = now.calls.length > 0;
  const more = one(document, '#more', HTMLElement);
  more.hidden = now.found === now.phones.length && now.found > 0;
  say(
    more,
    now.found === 0
      ? 'Nobody has a name like that.'
      : `${now.found - now.phones.length} more people: find them by name.`,
  );
  showRinging(now);
  tick();
}

/**
 * Updates the children of a list to the wanted ones, in order, without touching those that stay in place.
 * @template T
 * @param {Map<string, HTMLElement>} known
 * @param {HTMLElement} list
 * @param {T[]} wanted
 * @param {(item: T) => string} idOf
 * @param {(id: string) => HTMLElement} make
 */
function keep(known, list, wanted, idOf, make) {
  const ids = new Set(wanted.map(idOf));
  for (const [id, element] of known) {
    if (ids.has(id)) continue;
    element.remove();
    known.delete(id);
  }
  [...ids].forEach((id, index) => {
    const element = known.get(id) ?? make(id);
    known.set(id, element);
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}

/** @param {PhonesView} now */
function showRinging(now) {
  const box = one(document, '#ringing', HTMLElement);
  const names = now.ringing.map(({ displayName }) => displayName);
  const words = names.length === 1 ? `${names[0]}’s phone is ringing` : `${names.length} phones are ringing`;
  box.hidden = names.length === 0;
  say(one(document, '#ringing-text', HTMLElement), words);
  say(alarm, names.length === 0 ? '' : words);
  document.title = names.length === 0 ? 'Phones' : `(${names.length}) ${words}`;
}

/** Focuses the first ringing phone. */
async function goToRinging() {
  const who = view?.ringing[0];
  if (!who) return;
  if (!phones.has(who.personId)) {
    find.value = '';
    await refresh();
  }
  const phone = phones.get(who.personId);
  if (!phone) return;
  phone.scrollIntoView({ block: 'nearest' });
  one(phone, '[data-act="answer"]', HTMLButtonElement).focus();
}

/** Whether this is the emulator's answer, not an error. @param {unknown} answer @returns {answer is PhonesView} */
const isView = (answer) => typeof answer === 'object' && answer !== null && 'phones' in answer;

let reading = false;
let readAgain = false;

/** Reads everything. If something changes meanwhile, reads it again afterwards. */
async function refresh() {
  if (reading) {
    readAgain = true;
    return;
  }
  reading = true;
  try {
    do {
      readAgain = false;
      const response = await fetch(`/phones/state?find=${encodeURIComponent(find.value)}`);
      /** @type {unknown} */
      const answer = await response.json();
      if (isView(answer)) show(answer);
    } while (readAgain);
  } catch {
    // The emulator is gone. The stream of changes reports that, and reads again when it is back.
  } finally {
    reading = false;
  }
}

/** The browser reconnects by itself, except after an answer that is not a stream; then this does. */
function listen() {
  const changes = new EventSource('/control/events');
  const live = (/** @type {boolean} */ yes) => {
    connection.dataset['live'] = String(yes);
    say(connection, yes ? 'Live' : 'The emulator does not answer. Trying again …');
  };
  changes.addEventListener('open', () => {
    live(true);
    // Catch up with changes that happened without a connection.
    void refresh();
  });
  changes.addEventListener('error', () => {
    live(false);
    if (changes.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, 2000);
  });
  for (const type of ['person', 'phone', 'call', 'spoken', 'tone']) {
    changes.addEventListener(type, () => void refresh());
  }
}

/** @param {string} name */
function initials(name) {
  if (name.startsWith('+')) return '☎';
  // Skip parentheses: "(webchat)" says where the caller comes from.
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = [...(words[0] ?? '')][0] ?? '';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return `${first}${last}`.toUpperCase();
}

/** @param {number} at */
function time(at) {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** @param {number} ms */
function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

one(document, '#ringing-show', HTMLButtonElement).addEventListener('click', () => void goToRinging());
find.addEventListener('input', () => void refresh());
setInterval(tick, 120);
listen();
