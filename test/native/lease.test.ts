import { expect, test } from 'vitest';
import * as n from '../../native/index.js';
import { compiledNative, expectNoDescriptorsLeft, runScript } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();

/** Runs `body` in a function whose variables are garbage afterwards, collects it, and goes on when `until` holds. */
const collect = (body: string, until: string) => `
  const leaks = [];
  (() => { ${body} })();
  for (let i = 0; i < 200 && !(${until}); i++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }`;

test('a wrapper that is dropped is closed and reported', () => {
  const script = `
    const before = n.openDescriptors().length;
    n.onLeak((leak) => leaks.push(leak));
    ${collect(`n.eventfd('lost kick'); n.memfd('lost memory', 5); n.Socket.pair(['lost a', 'kept b']);`, 'leaks.length === 4')}
    const more = n.openDescriptors().length - before;
    console.log(JSON.stringify(leaks.sort((a, b) => a.role < b.role ? -1 : 1)));
    console.log(more, n.unclosed().length);`;
  expect(runScript(compiled, script, ['--expose-gc']).split('\n')).toEqual([
    JSON.stringify([
      { role: 'kept b', kind: 'socket' },
      { role: 'lost a', kind: 'socket' },
      { role: 'lost kick', kind: 'eventfd' },
      { role: 'lost memory', kind: 'memfd' },
    ]),
    '0 0',
  ]);
});

test('without a listener it is a warning', () => {
  const script = `
    process.on('warning', (warning) => leaks.push(warning.message));
    ${collect(`n.eventfd('lost kick');`, 'leaks.length === 1')}
    console.log(leaks[0]);`;
  const text = runScript(compiled, script, ['--expose-gc', '--no-warnings']);
  expect(text).toBe('a eventfd was dropped without being closed: lost kick');
});

test('a wrapper that was closed is not reported, and one that is in use is not closed', () => {
  const script = `
    n.onLeak((leak) => leaks.push(leak));
    const kept = n.eventfd('kept');
    ${collect(`n.eventfd('closed').close(); n.EventFd.from(n.eventfd('moved')).close(); n.eventfd('lost');`, 'leaks.length > 0')}
    for (let i = 0; i < 10; i++) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
    console.log(leaks.map((leak) => leak.role).join(), kept.signal());`;
  expect(runScript(compiled, script, ['--expose-gc'])).toBe('lost true');
});

test('a dropped wrapper whose number was closed and reused does not close the new owner', () => {
  const script = `
    import { closeSync, fstatSync, openSync } from 'node:fs';
    n.onLeak((leak) => leaks.push(leak));
    let number;
    ${collect(
      `const lost = n.eventfd('lost'); number = lost.fd; closeSync(number); if (openSync('/', 'r') !== number) throw new Error('not reused');`,
      'leaks.length > 0',
    )}
    console.log(leaks.length, fstatSync(number).isDirectory());`;
  expect(runScript(compiled, script, ['--expose-gc'])).toBe('1 true');
});

test('a descriptor that is being waited for is not collected', () => {
  const script = `
    n.onLeak((leak) => leaks.push(leak));
    let done = false;
    let copy;
    ${collect(
      `const event = n.eventfd('waited for'); copy = event.dup('copy'); n.waitFor(event, 'readable', 20_000).then(() => { done = event.take(); });`,
      'leaks.length > 0',
    )}
    copy.signal();
    while (done === false) await new Promise((resolve) => setImmediate(resolve));
    console.log(leaks.length, done);`;
  expect(runScript(compiled, script, ['--expose-gc'])).toBe('0 1n');
});

test('a listener can be taken away', () => {
  const stop = n.onLeak(() => {});
  stop();
  stop();
  expect(n.unclosed()).toEqual([]);
});
