/** What the compiler refuses. Each line below is an error; if one were not, this file would not compile. */
import { defineJob, same } from '@hera/core';
import { orders } from './jobs.js';

// @ts-expect-error -- the key must be the name of the job
defineJob('sums', { after: { sales: orders }, run: () => 1 });

// @ts-expect-error -- the same with a selector
defineJob('sums', { after: { sales: same(orders) }, run: () => 1 });

// @ts-expect-error -- orders returns no `total`
defineJob('sums', { after: { orders }, run: ({ upstream }) => upstream.orders.value.total });

// @ts-expect-error -- there is no upstream `clicks`
defineJob('sums', { after: { orders }, run: ({ upstream }) => upstream.clicks.value });

defineJob('sums', {
  params: { day: { type: 'date' }, limit: { type: 'integer', required: true } },
  run: ({ params }) => {
    // @ts-expect-error -- `day` may be missing
    const day: string = params.day;
    const limit: number = params.limit;
    return [day, limit];
  },
});

// @ts-expect-error -- a duration has a unit
defineJob('sums', { retry: { attempts: 3, delay: '10' }, script: 'true' });
