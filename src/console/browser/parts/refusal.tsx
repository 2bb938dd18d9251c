import { MessageBar, MessageBarBody } from '@fluentui/react-components';

/** Why what the reader asked for was refused; nothing if it was not. */
export function Refusal({ words }: { words: string | null }) {
  if (words === null) return null;
  return (
    <MessageBar intent="error">
      <MessageBarBody>{words}</MessageBarBody>
    </MessageBar>
  );
}
