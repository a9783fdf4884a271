import { expect, test } from 'vitest';
import * as n from '../../native/index.js';
import { compiledNative, expectNoDescriptorsLeft, failure, runScript } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();

test.each([true, false])('a counter, non-blocking: %s', (nonblock) => {
  const event = n.eventfd('kick', { nonblock });
  expect(event.nonblock).toBe(nonblock);
  expect(event.take()).toBe(0n);
  expect(event.signal()).toBe(true);
  expect(event.signal(41n)).toBe(true);
  expect(event.take()).toBe(42n);
  expect(event.take()).toBe(0n);
  expect(event.nonblock).toBe(nonblock);
  event.close();
});

test('non-blocking by default, as front-ends make theirs', () => {
  const event = n.eventfd('kick');
  expect(event.nonblock).toBe(true);
  event.close();
});

test('all copies share the counter', () => {
  const event = n.eventfd('kick');
  const copy = event.dup('copy');
  copy.signal(2n);
  expect(event.take()).toBe(2n);
  expect(copy.take()).toBe(0n);
  event.close();
  copy.close();
});

test('an impossible number is refused', () => {
  const event = n.eventfd('kick');
  for (const count of [-1n, 2n ** 64n - 1n, 2n ** 64n]) {
    expect(
      failure(() => event.signal(count)),
      String(count),
    ).toMatchObject({ code: 'EINVAL', role: 'kick' });
  }
  expect(event.take()).toBe(0n);
  event.close();
});

test('a counter without room takes nothing and does not block, in either mode', () => {
  const script = `
    for (const nonblock of [true, false]) {
      const event = n.eventfd('kick', { nonblock });
      const most = 2n ** 64n - 2n;
      console.log(event.signal(most - 1n), event.signal(2n), event.signal(1n), event.signal(1n), event.signal(0n));
      console.log(event.take() === most, event.take());
      event.signal(5n);
      console.log(event.signal(most - 4n), event.signal(most - 5n), event.take() === most);
    }`;
  const one = 'true false true false false\ntrue 0n\nfalse true true';
  expect(runScript(compiled, script)).toBe(`${one}\n${one}`);
});
