import { wordSet } from './words.ts';

/** Words that show that a text is a sentence and not a name. None of them is a name. */
export const sentence = wordSet(
  "is are was were be been being am isn't isnt aren't arent wasn't wasnt weren't had has have hasn't haven't",
  "would should could must might shall does did doing done doesn't doesnt didn't didnt don't dont won't wont",
  "can't cant cannot couldn't shouldn't wouldn't not never no i'm i'll i'd i've we're we'll you're it's its",
  'who whom whose what when where why which how if because unless whether while once whenever although though',
);

/** Words that no person's name contains, although a policy's name may. */
export const notInNames = wordSet(
  'about regarding concerning after before until since during without instead except off out then but also too',
  'maybe perhaps probably someday sometime eventually later yet already always next at in',
  'today tonight tomorrow yesterday morning afternoon evening midnight weekend minute minutes hour hours',
  'this that these those my your our their his her him them us me myself yourself it its we they she',
  'everybody everyone anybody anyone nobody',
  'called calls calling rang phoned dialled dialed',
);

/** Words that a name may start with (Till, Soon, Just, Than), but not contain later. */
export const notAfterFirst = wordSet(
  'till til soon just than noon monday tuesday wednesday thursday friday saturday sunday',
);

/** Words that are names too (Will, Can, To, On, Or, He). They raise doubts only in the middle of a name. */
export const notWithin = wordSet(
  'the and or to on of from with by for will can do may an as so he into i is via per',
);

/** Words that no person's name starts with, or that make "call" a noun or an idiom. */
export const notFirst = wordSet(
  'a an the for from with to by about on of into upon over under through via between as so or and off out',
  'any some every each all both another no none back around ahead forth down away',
  'center centre centers centres queue queues log logs list lists recording recordings history status quality',
  'volume volumes rate rates stack flow flows forwarding waiting transfer sign sheet script button feature note',
  'notes summary transcript screen tone tones number numbers book plan plans road bell call calls group handler',
  'handling ended failed dropped started declined connected answered missed duration time timeout names attention',
  'dibs shenanigans bullshit quits bluff collect details detail leg legs control api function method duty',
  'road battery home system systems routing agent agents records record charges cost costs end setup settings options ring',
);

/** Words of these lists that are also names (An Li, So Yeon, Do Minh, He Wei). */
export const alsoNames = wordSet('an any are bell can do he just may or she so soon than till we will you');

/** Words that count as names only if a message follows ("My Nguyen: hi"). */
export const namesWithMessage = wordSet('a as at back by her how i in is my no of off on the to');

export const conjunctions = wordSet(
  'if when because unless whether while once or and but after before until',
);

export const pronouns = wordSet(
  'it this that these those me myself him her them us you yourself she they we i someone somebody anyone',
  'anybody everyone everybody nobody my your our their his its everything something nothing',
);

/** Words that name nobody if they stand alone: the bot asks for a name. */
export const unnamed = wordSet(
  'him her them us you yourself it this that someone somebody back up he she they please',
);

export const times = wordSet(
  'today tonight tomorrow yesterday later soon monday tuesday wednesday thursday friday saturday sunday',
);

export const titles = wordSet('dr prof mr mrs ms mx st jr sr ing dipl mag rev hon');
