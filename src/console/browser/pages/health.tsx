import { useState } from 'react';
import { Button, Text } from '@fluentui/react-components';
import type { Health } from '../../model.ts';
import { useApi } from '../api.ts';
import { useLive } from '../live.ts';
import { CallsPause } from '../parts/callsPause.tsx';
import { Findings } from '../parts/findings.tsx';
import { Heartbeats, Integrations, OperatorNotices } from '../parts/healthLists.tsx';
import { useNotify } from '../parts/notify.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Section } from '../parts/section.tsx';
import { EmptyState, faultWords, Shown } from '../parts/states.tsx';
import { Webhooks } from '../parts/webhooks.tsx';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';

/** Whether Ringdown works, and what operators can do about it. */
export default function HealthPage({ me: { seesAll, operates } }: PageProps) {
  const { shell, health } = useWords();
  return (
    <>
      <PageHeader title={shell.pages.health} />
      {seesAll ? <Content operates={operates} /> : <EmptyState {...health.closed} />}
    </>
  );
}

function Content({ operates }: { operates: boolean }) {
  const words = useWords();
  const { health } = words;
  const api = useApi();
  const notify = useNotify();
  const loaded = useLive<Health>('health');
  const [isChecking, setChecking] = useState(false);
  const check = async (): Promise<void> => {
    setChecking(true);
    try {
      await api.post('/health/check');
    } catch (fault) {
      notify(faultWords(fault, words), 'error');
    }
    setChecking(false);
  };
  return (
    <Shown loaded={loaded}>
      {({ findings, checkedAt, paused, replicas, heartbeats, webhooks, integrations, notices }) => (
        <>
          <CallsPause paused={paused} operates={operates} />
          <Section
            title={health.checks}
            aside={
              operates && (
                <Button
                  appearance={checkedAt === null ? 'primary' : 'secondary'}
                  disabledFocusable={isChecking}
                  onClick={() => void check()}
                >
                  {isChecking ? health.checking : health.checkNow}
                </Button>
              )
            }
          >
            <Findings findings={findings} checkedAt={checkedAt} />
          </Section>
          <Section title={health.heartbeats}>
            <Heartbeats rows={heartbeats} />
          </Section>
          <Section title={health.webhooks}>
            <Webhooks webhooks={webhooks} operates={operates} />
          </Section>
          <Section title={health.integrations}>
            <Integrations rows={integrations} />
          </Section>
          <Section title={health.notices}>
            <OperatorNotices notices={notices} />
          </Section>
          <Text size={200}>{health.replicas({ count: replicas })}</Text>
        </>
      )}
    </Shown>
  );
}
