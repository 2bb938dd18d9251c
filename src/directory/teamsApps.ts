import { z } from 'zod';
import { GraphClient, pathPart } from './graphClient.ts';
import type { GraphClientOptions } from './graphClient.ts';
import { GraphFault, faultOf } from './graphFault.ts';

/** The result of installing the app for somebody. `fault` has the words for the operator. */
export type Installed =
  | { kind: 'installed' }
  /** It was installed before. */
  | { kind: 'present' }
  /** The permission is missing, or a policy of the tenant forbids it. */
  | { kind: 'notPermitted'; fault: GraphFault }
  | { kind: 'failed'; fault: GraphFault };

export interface AppInstaller {
  /** Installs the Teams app for somebody, by object id, so that the bot can write to them. Never throws. */
  install(objectId: string): Promise<Installed>;
}

/**
 * The application permission for it. With this permission, an application can install and see only the app whose manifest
 * names it as `webApplicationInfo.id`; lists omit all other apps.
 * Sources: "Proactively install your bot for users using Microsoft Graph" of the Teams platform's documentation
 * (https://learn.microsoft.com/microsoftteams/platform/graph-api/proactive-bots-and-messages/graph-proactive-bots-and-messages);
 * microsoftgraph/microsoft-graph-docs#18708.
 */
const permission = 'TeamsAppInstallation.ReadWriteSelfForUser.All';
const TIME_LIMIT_MS = 8_000;

const installedApps = z.object({ value: z.array(z.unknown()) });

/** Graph says this if the manifest names another application (microsoftgraph/microsoft-graph-docs#16666). */
const NOT_OWN_APP = /not allowed to manage the Teams App/i;

/**
 * @param options.getToken a token for Graph, of the bot's own application
 * @param options.teamsAppId the app's id in the tenant's catalogue
 */
export function createAppInstaller(options: GraphClientOptions & { teamsAppId: string }): AppInstaller {
  const { graphUrl, teamsAppId } = options;
  const graph = new GraphClient(options);
  const app = `${graphUrl}/v1.0/appCatalogs/teamsApps/${encodeURIComponent(teamsAppId)}`;
  return {
    async install(objectId) {
      try {
        const answer = await graph.within(TIME_LIMIT_MS, async (timeLimit) =>
          graph.request(
            {
              method: 'POST',
              path: `/users/${pathPart(objectId)}/teamwork/installedApps`,
              body: { 'teamsApp@odata.bind': app },
            },
            timeLimit,
          ),
        );
        if (answer.status === 201 || answer.status === 200) return { kind: 'installed' };
        if (answer.status === 409) return { kind: 'present' };
        const kind = answer.status === 403 || answer.status === 401 ? 'notPermitted' : 'failed';
        const fault = faultOf(answer, permission);
        return { kind, fault: NOT_OWN_APP.test(fault.message) ? notOwnApp(fault) : fault };
      } catch (cause) {
        const fault =
          cause instanceof GraphFault ? cause : new GraphFault('The app was not installed.', { cause });
        return { kind: 'failed', fault };
      }
    },
  };
}

function notOwnApp(cause: GraphFault): GraphFault {
  const { status, graphCode } = cause;
  return new GraphFault(
    'The app in the catalogue does not belong to this bot: webApplicationInfo.id in its manifest must be MicrosoftAppId, unless the bot has TeamsAppInstallation.ReadWriteForUser.All. Upload the package of `npm run package`, and check TEAMS_APP_ID.',
    { ...(status === null ? {} : { status }), graphCode, cause },
  );
}

/**
 * Whether somebody has the bot's app, by object id; null if Graph does not say.
 *
 * @param graph a client with a token of the bot's own application
 * @param app the app's id in the tenant's catalogue, or the bot's id, which the manifest uses as the app's external id
 */
export async function hasApp(
  graph: GraphClient,
  objectId: string,
  app: { teamsAppId: string } | { botId: string },
): Promise<boolean | null> {
  const filter = 'teamsAppId' in app ? `id eq '${app.teamsAppId}'` : `externalId eq '${app.botId}'`;
  try {
    const answer = await graph.within(TIME_LIMIT_MS, async (timeLimit) =>
      graph.request(
        {
          path: `/users/${pathPart(objectId)}/teamwork/installedApps`,
          query: { $expand: 'teamsApp', $filter: `teamsApp/${filter}` },
        },
        timeLimit,
      ),
    );
    const found = installedApps.safeParse(answer.body);
    return answer.status === 200 && found.success ? found.data.value.length > 0 : null;
  } catch (error) {
    if (error instanceof GraphFault) return null;
    throw error;
  }
}
