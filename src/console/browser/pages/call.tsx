import {
  Button,
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  tokens,
} from '@fluentui/react-components';
import { CallEndRegular, OpenRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { Link as RouteLink } from 'wouter';
import type { ActAnswer, CallDetail } from '../../model.ts';
import { useApi } from '../api.ts';
import { safeHref } from '../links.ts';
import { useLive } from '../live.ts';
import { Lasted } from '../parts/callTable.tsx';
import { Facts } from '../parts/facts.tsx';
import { useNotify } from '../parts/notify.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Panel, Section } from '../parts/section.tsx';
import { faultWords, Shown } from '../parts/states.tsx';
import { StatusBadge } from '../parts/statusBadge.tsx';
import { SupportIds } from '../parts/supportIds.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { When } from '../parts/when.tsx';
import { pages, pathTo } from '../routes.ts';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';
import { toneOfCall } from '../tones.ts';

const useStyles = makeStyles({
  facts: { marginBottom: tokens.spacingVerticalXXL },
  advice: { marginBottom: tokens.spacingVerticalXXL },
});

/** One call: how it went, and why. */
export default function CallPage({ id }: PageProps) {
  return <Shown loaded={useLive<CallDetail>('call', id)}>{(call) => <Content call={call} />}</Shown>;
}

function Content({ call }: { call: CallDetail }) {
  const styles = useStyles();
  const { call: words } = useWords();
  const { callee, caller, disposition, text, policy, code, subCode, advice, ids, escalationId } = call;
  return (
    <>
      <PageHeader
        title={words.title({ callee })}
        back={{ to: pages.history, text: words.back }}
        about={
          escalationId !== null && (
            <RouteLink href={pathTo('escalation', escalationId)} asChild>
              <Link>{words.escalation}</Link>
            </RouteLink>
          )
        }
      >
        {call.may.hangUp && <HangUp id={call.id} />}
        <TeamsLink href={call.teamsLink} />
      </PageHeader>
      <div className={styles.facts}>
        <Panel>
          <Facts
            facts={[
              [
                words.state,
                <StatusBadge key="state" tone={toneOfCall(disposition)}>
                  {text}
                </StatusBadge>,
              ],
              [words.caller, caller],
              [words.policy, policy],
              [words.started, <When key="started" at={call.createdAt} />],
              [words.lasted, <Lasted key="lasted" call={call} />],
              [words.message, call.message],
            ]}
          />
        </Panel>
      </div>
      {advice !== null && (
        <MessageBar layout="multiline" className={styles.advice}>
          <MessageBarBody>
            <MessageBarTitle>
              {words.advice}
              {code !== null && ` · ${words.code({ code: String(code), subCode: String(subCode ?? 0) })}`}
            </MessageBarTitle>
            {advice}
          </MessageBarBody>
        </MessageBar>
      )}
      <Section title={words.timeline}>
        <Timeline lines={call.timeline} />
      </Section>
      {ids !== null && <SupportIds ids={ids} />}
    </>
  );
}

function HangUp({ id }: { id: string }) {
  const words = useWords();
  const api = useApi();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const hangUp = async (): Promise<void> => {
    setBusy(true);
    try {
      const { say, done } = await api.post<ActAnswer>(`/calls/${encodeURIComponent(id)}/hang-up`);
      notify(say, done ? 'success' : 'info');
    } catch (fault) {
      notify(faultWords(fault, words), 'error');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={<CallEndRegular />} disabledFocusable={busy} onClick={() => void hangUp()}>
      {words.call.hangUp}
    </Button>
  );
}

function TeamsLink({ href }: { href: string | null }) {
  const { shell } = useWords();
  const safe = href === null ? null : safeHref(href);
  if (safe === null) return null;
  return (
    <Button as="a" href={safe} target="_blank" rel="noopener noreferrer" icon={<OpenRegular />}>
      {shell.actions.openTeams}
    </Button>
  );
}
