import { describe, expect, it } from 'vitest';
import { Turns } from '../../../properties/campaign/turns.js';

/** Work that takes this long on the clock that `Turns` looks at. */
const busy = async (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('Turns', () => {
  it('never has two at a time, and shares the time, not the number of turns', async () => {
    const turns = new Turns<'long' | 'short'>();
    const order: string[] = [];
    let under = 0;
    let end = false;
    const work = async (task: 'long' | 'short', ms: number) => {
      while (!end) {
        await turns.run(task, async () => {
          expect(++under).toBe(1);
          await busy(ms);
          order.push(task);
          under--;
        });
        if (order.length > 60) end = true;
      }
    };
    await Promise.all([work('long', 5), work('short', 1)]);
    const long = order.filter((task) => task === 'long').length;
    expect(long).toBeGreaterThan(5);
    expect(long).toBeLessThan(20);
  });

  it('lets one go on alone, and after an error', async () => {
    const turns = new Turns<'a'>();
    await expect(turns.run('a', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.run('a', async () => 5)).toBe(5);
  });
});
