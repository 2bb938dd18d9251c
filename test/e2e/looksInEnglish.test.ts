import { describeCardLooks } from '../support/e2e/cardLooks.ts';

describeCardLooks();
