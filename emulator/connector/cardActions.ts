import type { Activity } from './activity.ts';

export interface CardAction {
  type: 'Action.Execute' | 'Action.Submit';
  title: string;
  verb: string | null;
  data: unknown;
  id: string | null;
}

/** Every button of a message's Adaptive Cards, at any depth. */
export function cardActions(activity: Activity): CardAction[] {
  const cards = (activity.attachments ?? []).filter(
    ({ contentType }) => contentType === 'application/vnd.microsoft.card.adaptive',
  );
  return cards.flatMap(({ content }) => [...actionsIn(content)]);
}

function* actionsIn(node: unknown): Iterable<CardAction> {
  if (Array.isArray(node)) {
    for (const item of node) yield* actionsIn(item);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && (node.type === 'Action.Execute' || node.type === 'Action.Submit')) {
    yield {
      type: node.type,
      title: textOf(node, 'title') ?? '',
      verb: textOf(node, 'verb'),
      data: 'data' in node ? node.data : undefined,
      id: textOf(node, 'id'),
    };
  }
  for (const value of Object.values(node)) yield* actionsIn(value);
}

function textOf(node: object, name: string): string | null {
  const found: unknown = Object.entries(node).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : null;
}
