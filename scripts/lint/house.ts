import { imports } from './boundaries.ts';

/** The project's own rules, for oxlint. */
export default { meta: { name: 'house' }, rules: { imports } };
