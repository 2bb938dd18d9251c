import { startBot, NO_LIMITS } from './bots.ts';
import { startTelephony, Arrivals } from './telephony.ts';
import { onPostgres } from './databases.ts';
import { closedLoop } from './load.ts';
const [kind, sendersS = '1', nS = '300'] = process.argv.slice(2);
const run = async (database: any) => {
  const { emulator, callees } = await startTelephony({ random: Math.random }, 4000, { declines: { afterMs: 50 } });
  const bot = await startBot({ emulator: emulator.addresses, database, yaml: NO_LIMITS, nodeOptions: ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] });
  const arrivals = new Arrivals(emulator);
  emulator.channel.connect(`${bot.url}/api/messages`);
  let next = 0; let samples: number[] = [];
  const loop = async (senders: number, count: number) => { samples = []; await closedLoop(senders, (b) => b >= count, async () => {
    const k = next++; const callee = callees[k % 2000]!; const asker = callees[2000 + (k % 2000)]!;
    const arrival = arrivals.next(callee.id); const begin = performance.now();
    const heard = emulator.channel.send({ from: asker.id, text: `call ${callee.userPrincipalName}: the build is red` });
    const at = await arrival; samples.push((at ?? 0) - begin); await heard; }); await emulator.idle(); };
  await loop(10, 300);
  const u0 = bot.usage(); const t0 = performance.now();
  await loop(Number(sendersS), Number(nS));
  const u1 = bot.usage(); const t1 = performance.now();
  samples.sort((a, b) => a - b);
  console.log(`p50 ${samples[samples.length >> 1]!.toFixed(1)} p95 ${samples[Math.floor(samples.length * .95)]!.toFixed(1)} wall ${(t1 - t0).toFixed(0)} cpu per call ${((u1.userMs + u1.systemMs - u0.userMs - u0.systemMs) / Number(nS)).toFixed(1)} ms`);
  await bot.stop(); await emulator.stop();
};
if (kind === 'pg') await onPostgres(async (fresh) => await run({ url: await fresh() })); else await run('memory');
