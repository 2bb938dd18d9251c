import {
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { PolicyDetail } from '../../model.ts';
import { useLive } from '../live.ts';
import { DryRun } from '../parts/dryRun.tsx';
import { PageHeader } from '../parts/pageHeader.tsx';
import { Panel, Section } from '../parts/section.tsx';
import { Snippet } from '../parts/snippet.tsx';
import { NotFound, Shown } from '../parts/states.tsx';
import type { PageProps } from '../shell.tsx';
import { useWords } from '../texts.ts';

const severities = ['critical', 'error', 'warning', 'info'] as const;
type Severity = (typeof severities)[number];

const useStyles = makeStyles({
  holds: { display: 'grid', gap: tokens.spacingVerticalS, marginBottom: tokens.spacingVerticalL },
  tryIt: { display: 'grid', gap: tokens.spacingVerticalS, justifyItems: 'start' },
});

/** What a policy would do if an alert arrived now. */
export default function PolicyPage({ id }: PageProps) {
  const { shell, policies } = useWords();
  const styles = useStyles();
  const [severity, setSeverity] = useState<Severity>('critical');
  const loaded = useLive<PolicyDetail>('policy', `${severity}:${id}`);
  if (loaded.state === 'missing') return <NotFound />;
  return (
    <>
      <PageHeader
        title={id}
        back={{ to: '/policies', text: shell.pages.policies }}
        about={`${policies.dryRun} · ${policies.dryRunNote}`}
      >
        <Field label={policies.severity}>
          <Select
            value={severity}
            onChange={(_event, { value }) =>
              setSeverity(severities.find((one) => one === value) ?? 'critical')
            }
          >
            {severities.map((one) => (
              <option key={one} value={one}>
                {policies.severities[one]}
              </option>
            ))}
          </Select>
        </Field>
      </PageHeader>
      <Shown loaded={loaded}>
        {(policy) => (
          <>
            <Holds texts={policy.holds} />
            <DryRun policy={policy} />
            <Section title={policies.tryIt}>
              <Panel>
                <div className={styles.tryIt}>
                  <Text>{policies.tryItText}</Text>
                  <Snippet text={`test ${policy.name}`} />
                </div>
              </Panel>
            </Section>
          </>
        )}
      </Shown>
    </>
  );
}

/** Why not everybody is called at once. */
function Holds({ texts }: { texts: readonly string[] }) {
  const styles = useStyles();
  if (texts.length === 0) return null;
  return (
    <div className={styles.holds}>
      {texts.map((text) => (
        <MessageBar key={text} intent="warning" layout="multiline">
          <MessageBarBody>{text}</MessageBarBody>
        </MessageBar>
      ))}
    </div>
  );
}
