import { imports } from './boundaries.ts';
import { tables } from './tables.ts';

/** The project's own oxlint rules. */
export default { meta: { name: 'house' }, rules: { imports, tables } };
