/** Gates in an application: functions that check, approvals and events, on the real engine. */
import { expect, it } from 'vitest';
import { createHera, defineJob } from '../index.js';

it('asks a function, waits for a person and for an event, and then runs', async () => {
  const asked: string[] = [];
  const report = defineJob('report', {
    gates: {
      ready: {
        check: (context) => {
          asked.push(context.slot.businessDate);
          return Promise.resolve(true);
        },
        every: '1m',
      },
      sent: { event: 'orders.sent' },
      word: { approval: ['wang'] },
    },
    run: ({ attempt }) => attempt,
  });
  expect(report.definition.gates).toEqual({
    ready: { function: true, every: '1m' },
    sent: { event: 'orders.sent' },
    word: { approval: ['wang'] },
  });
  await using hera = createHera({ jobs: [report] });
  await hera.start();
  const opened: string[] = [];
  const isReady = new Promise<void>((resolve) =>
    hera.on('gate.opened', (event) => {
      opened.push(`${event.gate} ${event.by}`);
      if (event.gate === 'ready') resolve();
    }),
  );
  const submission = await hera.submit('report');
  const [run = ''] = submission.runs;
  await isReady;
  expect((await hera.why(run)).map(({ code }) => code)).toEqual(['GATE_EVENT', 'GATE_APPROVAL']);
  expect(await hera.postEvent('orders.sent', { payload: { rows: 3 } })).toEqual([run]);
  await expect(hera.approve(run)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  await expect(hera.postEvent('x', { businessDate: 'yesterday' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  });
  expect(await hera.approve(run, { actor: 'wang' })).toEqual(['word']);
  expect(await submission.result()).toMatchObject({ phase: 'succeeded' });
  expect(opened).toEqual(['ready null', 'sent embedder', 'word wang']);
  expect(asked).toHaveLength(1);
});
