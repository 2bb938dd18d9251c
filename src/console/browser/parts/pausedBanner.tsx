import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { Now } from '../../model.ts';
import { useWords } from '../texts.ts';
import { When } from './when.tsx';

/** Says that nobody is called, and since when. */
export function PausedBanner({ paused }: { paused: Now['paused'] }) {
  const { paused: words } = useWords().shell;
  if (paused === null) return null;
  const { by, since } = paused;
  return (
    <MessageBar intent="warning" layout="multiline" style={{ marginBottom: '16px' }}>
      <MessageBarBody>
        <MessageBarTitle>{words.title}</MessageBarTitle>
        {words.text} {by !== null && words.by({ by })} {since !== null && <When at={since} />}
      </MessageBarBody>
    </MessageBar>
  );
}
