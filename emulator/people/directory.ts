import type { PersonInput } from './person.ts';

export interface DirectoryOptions {
  count: number;
  /** The same seed produces the same people. */
  seed?: number;
}

// prettier-ignore
const givenNames = [
  'Anna', 'Anne-Marie', 'Zoë', 'Siân', 'José', 'François', 'Jürgen', 'Łukasz', 'Søren', 'Åsa', 'Nguyễn', 'Chloé',
  'Chris', 'Christine', 'Alexander', 'Alexandra', 'Sam', 'Samantha', 'Mohammed', 'Fatima', 'Wei', 'Mei', 'Priya',
  'Arjun', 'Olga', 'Dmitri', 'Kwame', 'Amara', 'Jean-Luc', 'Mary Ann', 'Ian', 'Ana', 'Eve', 'Li', 'O',
];
// prettier-ignore
const surnames = [
  "O'Connor", "D'Angelo", 'Müller', 'Mueller', 'García', 'Garcia', 'Smith', 'Smyth', 'Smith-Jones', 'van der Berg',
  'de la Cruz', 'Ñuñez', 'Kowalska', 'Žižek', 'Ångström', 'Green', 'Greene', 'Vance', 'Wilber', 'Li', 'Lee', 'Ng',
  'Nguyen', 'Tanaka', 'Kim', 'Patel', 'Ivanova', 'Okafor', 'Mac Donald', 'MacDonald', 'St. John', 'Null', 'Test',
];
/** Whole names in other scripts, family name first where usual. */
const otherNames: [given: string, family: string, display: string][] = [
  ['太郎', '田中', '田中 太郎'],
  ['花子', '佐藤', '佐藤 花子'],
  ['伟', '王', '王伟'],
  ['민수', '김', '김민수'],
  ['Анна', 'Иванова', 'Анна Иванова'],
  ['محمد', 'الأحمد', 'محمد الأحمد'],
  ['דוד', 'כהן', 'דוד כהן'],
  ['Γιώργος', 'Παπαδόπουλος', 'Γιώργος Παπαδόπουλος'],
  ['प्रिया', 'शर्मा', 'प्रिया शर्मा'],
];
const departments = [
  'Payments',
  'Operations',
  'Finance',
  'Marketing',
  'Legal',
  'Human Resources',
  'Research',
];
const titles = ['Engineer', 'Manager', 'Analyst', 'Designer', 'Director', 'Consultant'];

/** Any number of fictional people: many namesakes, accents, apostrophes, hyphens, one in twenty in another script. */
export function* directory({ count, seed = 1 }: DirectoryOptions): Iterable<PersonInput> {
  const random = generator(seed);
  const pick = <T>(from: readonly T[], fallback: T): T =>
    from[Math.floor(random() * from.length)] ?? fallback;
  for (let number = 0; number < count; number += 1) {
    const foreign = random() < 0.05;
    const [given, family, display] = foreign
      ? pick(otherNames, ['太郎', '田中', '田中 太郎'])
      : plainName(pick(givenNames, 'Anna'), pick(surnames, 'Smith'));
    const userPrincipalName = `user${number}@contoso.example`;
    yield {
      id: idOf(seed, number),
      displayName: display,
      givenName: given,
      surname: family,
      userPrincipalName,
      mail: random() < 0.95 ? userPrincipalName : null,
      department: pick(departments, 'Operations'),
      jobTitle: pick(titles, 'Engineer'),
      userType: random() < 0.02 ? 'Guest' : 'Member',
      accountEnabled: random() >= 0.03,
      plans: random() < 0.8 ? ['TEAMS1', 'MCOEV'] : ['TEAMS1'],
    };
  }
}

function plainName(given: string, family: string): [string, string, string] {
  return [given, family, `${given} ${family}`];
}

function idOf(seed: number, number: number): string {
  const tail = number.toString(16).padStart(12, '0');
  return `d1${(seed & 0xffffff).toString(16).padStart(6, '0')}-0000-4000-8000-${tail}`;
}

/** mulberry32: small and deterministic. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
