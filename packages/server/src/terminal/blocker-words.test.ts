/** Every blocker has words in both languages, and none is left with an empty place. */
import { BlockerCodeSchema } from '@hera/api';
import { expect, test } from 'vitest';
import { blockerWords } from './blocker-words.js';

const details = {
  state: 'paused',
  gate: 'landed',
  answer: 'no',
  event: 'sent',
  holders: 'a@a:k/1',
  running: 1,
  max: 1,
  workers: 'w1',
};

test.each(BlockerCodeSchema.enum)('%s', (code) => {
  for (const language of ['en', 'zh'] as const) {
    const { text, cure } = blockerWords({ code, subject: 'orders', until: null, details }, language);
    expect(`${text} ${cure}`).not.toMatch(/[{}–]|undefined/);
    expect(/\p{Script=Han}/u.test(text)).toBe(language === 'zh');
  }
});
