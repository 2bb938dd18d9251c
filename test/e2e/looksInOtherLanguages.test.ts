import { describeMainCardLooks } from '../support/e2e/cardLooks.ts';

describeMainCardLooks();
