import { azureDevice } from './azureDevice.ts';
import { startPage } from './page.ts';

startPage(() => azureDevice);
