import { startPage } from './page.ts';
import { standInDevice } from './standInDevice.ts';

startPage(({ emulator }) => standInDevice(emulator ?? ''));
