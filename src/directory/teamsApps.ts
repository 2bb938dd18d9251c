import { z } from 'zod';
import { GraphClient, GraphFault, faultOf, pathPart } from './graphClient.ts';
import type { GraphClientOptions } from './graphClient.ts';

/** What came of installing the app for somebody. `fault` has the words for the operator. */
export type Installed =
  | { kind: 'installed' }
  /** It was there already. */
  | { kind: 'present' }
  /** The permission is missing, or a policy of the tenant is against it. */
  | { kind: 'notPermitted'; fault: GraphFault }
  | { kind: 'failed'; fault: GraphFault };

export interface AppInstaller {
  /** Installs the Teams app for somebody, by object id, so that the bot may write to them. Does not throw. */
  install(objectId: string): Promise<Installed>;
}

/**
 * The permission for it: `TeamsAppInstallation.ReadWriteSelfForUser.All` (application). With it an application installs
 * and sees only the app whose manifest names it as `webApplicationInfo.id`; for any other a list is empty.
 * Sources: "Proactively install your bot for users using Microsoft Graph" of the Teams platform's documentation
 * (https://learn.microsoft.com/microsoftteams/platform/graph-api/proactive-bots-and-messages/graph-proactive-bots-and-messages);
 * microsoftgraph/microsoft-graph-docs#18708.
 */
const permission = 'TeamsAppInstallation.ReadWriteSelfForUser.All';
const TIME_LIMIT_MS = 8_000;

const installedApps = z.object({ value: z.array(z.unknown()) });

/** How Graph says that the manifest names another application (microsoftgraph/microsoft-graph-docs#16666). */
const OF_ANOTHER = /not allowed to manage the Teams App/i;

/**
 * @param options.getToken a token for Graph, of the bot's own application
 * @param options.teamsAppId id in the tenant's app catalogue
 */
export function createAppInstaller(options: GraphClientOptions & { teamsAppId: string }): AppInstaller {
  const { graphUrl, teamsAppId } = options;
  const graph = new GraphClient(options);
  const app = `${graphUrl}/v1.0/appCatalogs/teamsApps/${encodeURIComponent(teamsAppId)}`;
  return {
    async install(objectId) {
      try {
        const answer = await graph.within(TIME_LIMIT_MS, async (errand) =>
          graph.request(
            {
              method: 'POST',
              path: `/users/${pathPart(objectId)}/teamwork/installedApps`,
              body: { 'teamsApp@odata.bind': app },
            },
            errand,
          ),
        );
        if (answer.status === 201 || answer.status === 200) return { kind: 'installed' };
        if (answer.status === 409) return { kind: 'present' };
        const kind = answer.status === 403 || answer.status === 401 ? 'notPermitted' : 'failed';
        const fault = faultOf(answer, permission);
        return { kind, fault: OF_ANOTHER.test(fault.message) ? ofAnother(fault) : fault };
      } catch (cause) {
        const fault =
          cause instanceof GraphFault ? cause : new GraphFault('The app was not installed.', { cause });
        return { kind: 'failed', fault };
      }
    },
  };
}

function ofAnother(cause: GraphFault): GraphFault {
  const { status, graphCode } = cause;
  return new GraphFault(
    'The app in the catalogue does not belong to this bot: webApplicationInfo.id in its manifest must be MicrosoftAppId. Upload the package of `npm run package`, and check TEAMS_APP_ID.',
    { ...(status === null ? {} : { status }), graphCode, cause },
  );
}

/**
 * Whether somebody has the bot's app, by object id; null if it cannot be told.
 *
 * @param graph asked by the bot's own application
 * @param app its id in the tenant's catalogue, or the bot's id, which the manifest has as the app's own
 */
export async function hasApp(
  graph: GraphClient,
  objectId: string,
  app: { teamsAppId: string } | { botId: string },
): Promise<boolean | null> {
  const filter = 'teamsAppId' in app ? `id eq '${app.teamsAppId}'` : `externalId eq '${app.botId}'`;
  try {
    const answer = await graph.within(TIME_LIMIT_MS, async (errand) =>
      graph.request(
        {
          path: `/users/${pathPart(objectId)}/teamwork/installedApps`,
          query: { $expand: 'teamsApp', $filter: `teamsApp/${filter}` },
        },
        errand,
      ),
    );
    const found = installedApps.safeParse(answer.body);
    return answer.status === 200 && found.success ? found.data.value.length > 0 : null;
  } catch (error) {
    if (error instanceof GraphFault) return null;
    throw error;
  }
}
