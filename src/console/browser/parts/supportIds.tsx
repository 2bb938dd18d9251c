import { Button } from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import type { CallDetail } from '../../model.ts';
import { useWords } from '../texts.ts';
import { Facts } from './facts.tsx';
import { useNotify } from './notify.tsx';
import { Panel, Section } from './section.tsx';

/** The ids that Microsoft's support asks for. */
export function SupportIds({ ids }: { ids: NonNullable<CallDetail['ids']> }) {
  const { call, shell } = useWords();
  const notify = useNotify();
  const names = ['callConnectionId', 'serverCallId', 'correlationId'] as const;
  const copy = async (): Promise<void> => {
    const lines = names.map((name) => `${name}: ${ids[name] ?? '-'}`);
    try {
      await navigator.clipboard.writeText(lines.join('\n'));
      notify(shell.actions.copied, 'success');
    } catch {
      notify(shell.actions.notCopied, 'error');
    }
  };
  return (
    <Section
      title={call.ids.title}
      aside={
        <Button icon={<CopyRegular />} onClick={() => void copy()}>
          {call.ids.copy}
        </Button>
      }
    >
      <Panel>
        <Facts
          facts={names.map((name) => [
            call.ids[name],
            <code key={name}>{ids[name] ?? call.ids.unknown}</code>,
          ])}
        />
      </Panel>
    </Section>
  );
}
