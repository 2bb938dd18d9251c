import type { Requester } from '../calls/call.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';

/** `anonymous`: the asker has no identity. `unknown`: the directory does not answer. */
export type OperatorRight = 'yes' | 'no' | 'anonymous' | 'unknown';

/**
 * Whether somebody is an operator.
 *
 * @param operators of ringdown.yaml
 */
export async function operatorRight(
  { objectId }: Pick<Requester, 'objectId'>,
  operators: readonly string[],
  directory: Pick<Directory, 'find'>,
): Promise<OperatorRight> {
  if (objectId === undefined) return 'anonymous';
  // Pausing must work even if the directory does not.
  if (operators.some((name) => name.toLowerCase() === objectId)) return 'yes';
  const answers = await Promise.all(
    operators.map(async (name): Promise<OperatorRight> => {
      try {
        const found = await directory.find({ text: name }, null);
        return found.kind === 'one' && found.person.id.toLowerCase() === objectId ? 'yes' : 'no';
      } catch (error) {
        if (error instanceof RingdownError && error.code === 'directory_unavailable') return 'unknown';
        throw error;
      }
    }),
  );
  return answers.find((right) => right === 'yes') ?? answers.find((right) => right === 'unknown') ?? 'no';
}
