import { imports } from './boundaries.ts';
import { tables } from './tables.ts';

/** The project's own rules, for oxlint. */
export default { meta: { name: 'house' }, rules: { imports, tables } };
