import type { Clock } from '../clock.ts';
import type { Asker, Person } from './directory.ts';
import { clean } from './folding.ts';
import { pathPart } from './graphClient.ts';
import type { TimeLimit, GraphClient } from './graphClient.ts';
import {
  chunks,
  exactFilter,
  idsFilter,
  mostAlternatives,
  nameQueries,
  odataString,
  rankingProperties,
  remoteQueries,
  userProperties,
  wordsSearch,
} from './graphQueries.ts';
import type { UserQuery } from './graphQueries.ts';
import {
  optional,
  peopleOf,
  personOf,
  required,
  unique,
  userPermissions,
  usersRequest,
} from './graphUsers.ts';
import { AnswerCache } from './answerCache.ts';
import { decide } from './matching.ts';
import type { Decision, Likelihood } from './matching.ts';

interface Candidates {
  people: readonly Person[];
  /** Whether they include everybody whom the name can mean. */
  complete: boolean;
}

/** The asker's place in the organisation. */
interface Surroundings {
  department: string | undefined;
  managerId: string | undefined;
  teamIds: readonly string[];
}

/** For fewer than 20 results, Graph charges one resource unit less. */
const smallPage = 19;
const largePage = 500;
const mostInTeam = 100;
const keptMs = 5 * 60_000;

/** Searches Graph for people by name, and widens the search until it can decide who is meant. */
export class PeopleSearch {
  readonly #graph: GraphClient;
  readonly #candidates: AnswerCache<Candidates>;
  readonly #remote: AnswerCache<Candidates>;
  readonly #surroundings: AnswerCache<Surroundings>;
  /** People to show, with their licences. */
  readonly #detailed: AnswerCache<{ person: Person }>;

  constructor(graph: GraphClient, clock: Clock) {
    this.#graph = graph;
    const isNobody = ({ people }: Candidates): boolean => people.length === 0;
    this.#candidates = new AnswerCache(clock, { most: 500, milliseconds: keptMs }, isNobody);
    this.#remote = new AnswerCache(clock, { most: 200, milliseconds: keptMs }, isNobody);
    this.#surroundings = new AnswerCache(clock, { most: 500, milliseconds: keptMs });
    this.#detailed = new AnswerCache(clock, { most: 500, milliseconds: keptMs });
  }

  /** @throws GraphFault */
  async decide(text: string, asker: Asker | null, timeLimit: TimeLimit): Promise<Decision> {
    const first = await this.#candidates.getOr(`name ${clean(text)}`, () =>
      this.#search(nameQueries(text), userProperties, smallPage, timeLimit),
    );
    const decision = decide(text, first.people, asker, first.complete);
    if (decision.kind === 'one') return decision;
    if (decision.kind === 'none' && first.complete) {
      if (decision.suggestions.length > 0) return decision;
      const remote = await this.#remote.getOr(clean(text), () =>
        this.#search(remoteQueries(text), rankingProperties, smallPage, timeLimit),
      );
      return this.#withDetails(decide(text, remote.people, asker, remote.complete), timeLimit);
    }
    // Several people match, so it matters who asks. There may be more than the first page.
    const likelihood = await this.#likelihoodFor(asker, timeLimit);
    const candidates = first.complete ? first : await this.#searchDeeper(text, first, likelihood, timeLimit);
    return this.#withDetails(decide(text, candidates.people, likelihood, candidates.complete), timeLimit);
  }

  /** Sends all queries in one batch. Only the first must succeed; the others find people that it may miss. */
  async #search(
    queries: readonly UserQuery[],
    select: string,
    top: number,
    timeLimit: TimeLimit,
  ): Promise<Candidates> {
    if (queries.length === 0) return { people: [], complete: true };
    const answers = await this.#graph.batch(
      queries.map((query) => usersRequest(query, query.wide ? largePage : top, select)),
      timeLimit,
    );
    const [main] = answers;
    required(main, userPermissions);
    const pages = answers.map((answer) => peopleOf(optional(answer)));
    return {
      people: unique(pages.flatMap(({ people }) => people)),
      complete: pages.every(({ next }, at) => next === null || queries[at]?.decisive !== true),
    };
  }

  /** For a name of more people than one page holds: reads more of them, and always those close to the asker. */
  async #searchDeeper(
    text: string,
    first: Candidates,
    { department, recentCalleeIds = [], teamIds = [], managerId }: Likelihood,
    timeLimit: TimeLimit,
  ): Promise<Candidates> {
    const more = await this.#candidates.getOr(`more ${clean(text)}`, () =>
      this.#search(
        [
          ...nameQueries(text).filter(({ decisive }) => decisive),
          { filter: exactFilter(text), decisive: false },
        ],
        rankingProperties,
        largePage,
        timeLimit,
      ),
    );
    if (more.complete) return more;
    const known = new Set(more.people.map(({ id }) => id));
    const near = [...new Set([...recentCalleeIds, ...(managerId ? [managerId] : []), ...teamIds])]
      .filter((id) => !known.has(id))
      .slice(0, 4 * mostAlternatives);
    const requests = chunks(near, mostAlternatives).map((ids) =>
      usersRequest({ filter: idsFilter(ids) }, mostAlternatives),
    );
    if (department !== undefined) {
      const narrowed = { search: wordsSearch(text), filter: `department eq ${odataString(department)}` };
      requests.push(usersRequest(narrowed, largePage, rankingProperties));
    }
    const answers = await this.#graph.batch(requests, timeLimit);
    const people = answers.flatMap((answer) => peopleOf(optional(answer)).people);
    return { people: unique([...more.people, ...first.people, ...people]), complete: false };
  }

  /** Completes what is known about the asker from the directory. If that fails, only the order suffers. */
  async #likelihoodFor(asker: Asker | null, timeLimit: TimeLimit): Promise<Likelihood> {
    if (asker === null) return {};
    const { recentCallees, ...said } = asker;
    const recent = recentCallees ? { recentCalleeIds: await recentCallees() } : {};
    const { objectId } = said;
    if (objectId === undefined) return { ...said, ...recent };
    try {
      const known = await this.#surroundings.getOr(objectId, () => this.#surroundingsOf(objectId, timeLimit));
      return {
        ...said,
        ...recent,
        department: said.department ?? known.department,
        managerId: said.managerId ?? known.managerId,
        teamIds: known.teamIds,
      };
    } catch (fault) {
      if (timeLimit.signal.aborted) throw fault;
      return { ...said, ...recent };
    }
  }

  async #surroundingsOf(objectId: string, timeLimit: TimeLimit): Promise<Surroundings> {
    const user = `/users/${pathPart(objectId)}`;
    const query = { $select: 'id,department', $top: String(mostInTeam) };
    const [self, manager, reports] = await this.#graph.batch(
      [
        { path: user, query: { $select: query.$select } },
        { path: `${user}/manager`, query: { $select: query.$select } },
        { path: `${user}/directReports`, query },
      ],
      timeLimit,
    );
    const managerId = personOf(optional(manager))?.id;
    const peers =
      managerId === undefined
        ? undefined
        : await this.#graph.request(
            { path: `/users/${pathPart(managerId)}/directReports`, query },
            timeLimit,
          );
    const team = [reports, peers].flatMap((answer) => peopleOf(optional(answer)).people);
    return {
      department: personOf(optional(self))?.department ?? undefined,
      managerId,
      teamIds: team.map(({ id }) => id),
    };
  }

  /** Adds licences and addresses to people who were read without them. */
  async #withDetails(decision: Decision, timeLimit: TimeLimit): Promise<Decision> {
    const people = decision.kind === 'one' ? [decision.person] : peopleIn(decision);
    const bare = people.filter(
      ({ assignedPlans, id }) => assignedPlans === null && this.#detailed.get(id) === undefined,
    );
    if (bare.length > 0) {
      const request = usersRequest({ filter: idsFilter(bare.map(({ id }) => id)) }, mostAlternatives);
      const body = optional(await this.#graph.request(request, timeLimit));
      for (const person of peopleOf(body).people) this.#detailed.set(person.id, { person });
    }
    const detailed = (person: Person): Person =>
      person.assignedPlans === null ? (this.#detailed.get(person.id)?.person ?? person) : person;
    switch (decision.kind) {
      case 'one':
        return { ...decision, person: detailed(decision.person) };
      case 'several':
        return { ...decision, people: decision.people.map(detailed) };
      case 'none':
        return { ...decision, suggestions: decision.suggestions.map(detailed) };
    }
  }
}

function peopleIn(decision: Exclude<Decision, { kind: 'one' }>): readonly Person[] {
  return decision.kind === 'several' ? decision.people : decision.suggestions;
}
