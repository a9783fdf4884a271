import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import * as n from '../../native/index.js';
import { compiledNative, expectNoDescriptorsLeft, failure, runScript, temporaryDirectory } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();
const directory = temporaryDirectory();
const { SIGKILL, SIGTERM } = constants.signals;

function shell(commands: string, environment = n.environmentNow()): n.StartedProcess {
  return n.startProcess(['/bin/sh', '-c', commands, 'sh', 'one', 'two words'], environment);
}

/** What it says to the end, and how it ends. */
async function whole({ watch, stderr }: n.StartedProcess) {
  let said = '';
  for (let piece = stderr.read(4096); piece !== 'end'; piece = stderr.read(4096)) {
    if (piece === 'again') expect(await n.waitFor(stderr, 'readable', 10_000)).toBe(true);
    else said += Buffer.from(piece).toString();
  }
  expect(await watch.ended(10_000)).toBe(true);
  const how = n.reap(watch);
  watch.close();
  stderr.close();
  return { said, how };
}

/** Whether there is such a process that has not ended. */
const runs = (pid: number) => !['Z', 'X', undefined].includes(n.processFacts(pid, { descriptors: false })?.state);

test('arguments, environment and standard error; its exit status', async () => {
  const { said, how } = await whole(shell('echo "$2, $NAME, $HOME" >&2; exit 7', ['NAME=a=b', 'PATH=/usr/bin:/bin']));
  expect(said).toBe('two words, a=b, \n');
  expect(how).toEqual({ status: 7 });
});

test('the signal that ended it', async () => {
  const started = shell('echo ready >&2; exec sleep 1000');
  expect(await n.waitFor(started.stderr, 'readable', 10_000)).toBe(true);
  expect(n.reap(started.watch)).toBeUndefined();
  n.sendSignal(started.watch, SIGTERM);
  expect(await whole(started)).toEqual({ said: 'ready\n', how: { signal: SIGTERM } });
});

test('it has three descriptors, a session of its own, and no signal ignored or blocked', async () => {
  const started = shell('grep -E "^Sig(Blk|Ign)" /proc/self/status >&2; exec sleep 1000');
  const { pid } = started.watch;
  // A shell may itself have what it starts a program with.
  const name = () => readFileSync(`/proc/${pid}/comm`, 'utf8');
  await vi.waitFor(() => expect(name()).toBe('sleep\n'), { timeout: 10_000, interval: 5 });
  const session = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ').slice(2, 4).map(Number);
  expect(session).toEqual([pid, pid]);
  const descriptors = n.processFacts(pid)!.descriptors;
  expect(descriptors.slice(0, 3).map(({ target }) => target.replace(/\d+/, ''))).toEqual([
    '/dev/null',
    '/dev/null',
    'pipe:[]',
  ]);
  // What this process itself got from its parent without close-on-exec goes on; nothing of ours does.
  const open = n.openDescriptors().filter(({ fd }) => fd > 2 && !closesOnExec(fd));
  expect(descriptors.slice(3).map(({ fd }) => fd)).toEqual(open.map(({ fd }) => fd));
  n.sendSignal(started.watch, SIGKILL);
  expect((await whole(started)).said).toMatch(/^SigBlk:\s*0+\nSigIgn:\s*0+\n$/);
});

function closesOnExec(fd: number): boolean {
  const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & 0o2000000) !== 0;
}

test('what cannot be started', () => {
  const start = (program: string) => failure(() => n.startProcess([program], []));
  expect(start(join(directory, 'missing'))).toMatchObject({ code: 'ENOENT', call: 'execve' });
  expect(start(directory)).toMatchObject({ code: 'EACCES', call: 'execve' });
  expect(start('vhost-check-no-such-program')).toMatchObject({ code: 'ENOENT' });
});

test('a program on PATH is found', async () => {
  const started = n.startProcess(['sh', '-c', 'exit 3'], []);
  expect((await whole(started)).how).toEqual({ status: 3 });
});

test('one that is reaped is no child any more', async () => {
  const { watch, stderr } = shell('exit');
  expect(await watch.ended(10_000)).toBe(true);
  expect(n.reap(watch)).toEqual({ status: 0 });
  expect(failure(() => n.reap(watch))).toMatchObject({ code: 'ECHILD', call: 'waitid' });
  watch.close();
  stderr.close();
});

test('it dies with us, however we die', async () => {
  const body = `
    const { watch } = n.startProcess(['/bin/sleep', '1000'], []);
    process.stdout.write(watch.pid + '\\n', () => process.kill(process.pid, 'SIGKILL'));`;
  const told = runScript(compiled, body);
  expect(told).toContain('signal SIGKILL');
  const pid = Number(/\n(\d+)\n/.exec(told)![1]);
  await vi.waitFor(() => expect(runs(pid)).toBe(false), { timeout: 5_000, interval: 5 });
});

test('a listener hears once, and keeps nothing alive', () => {
  const body = `
    const { watch, stderr } = n.startProcess(['/bin/sh', '-c', 'echo word >&2; exec sleep 1000'], []);
    const heard = [];
    n.whenReady(watch, 'readable', () => heard.push('end'));
    n.whenReady(stderr, 'readable', () => {
      heard.push(Buffer.from(stderr.read(100)).toString().trim());
      n.whenReady(stderr, 'readable', () => heard.push('closed'));
      stderr.close();
    });
    // Only this keeps it alive.
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    process.on('exit', () => console.log(heard.join()));`;
  expect(runScript(compiled, body)).toBe('word,closed');
});

test('a wait beside a listener keeps the process alive, and both are told', async () => {
  const { r, w } = n.pipe('both');
  let heard = 0;
  n.whenReady(r, 'readable', () => heard++);
  const waiting = n.waitFor(r, 'readable', 10_000);
  w.write(Uint8Array.of(1));
  expect(await waiting).toBe(true);
  expect(heard).toBe(1);
  r.close();
  w.close();
});

test('where it runs', async () => {
  const all = n.allowedCpus();
  const allowed = (pid: number) => /Cpus_allowed_list:\t(.*)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  const started = () => shell('exec sleep 1000');
  const everywhere = started();
  n.startOn([all[0]!]);
  const there = started();
  expect(allowed(there.watch.pid)).toBe(String(all[0]));
  n.bringHere(there.watch.pid);
  expect(allowed(there.watch.pid)).toBe(allowed(everywhere.watch.pid));
  n.startOn([]);
  const again = started();
  expect(allowed(again.watch.pid)).toBe(allowed(everywhere.watch.pid));
  expect(failure(() => n.startOn([-1]))).toMatchObject({ code: 'EINVAL' });
  n.bringHere(2 ** 22 + 1);
  for (const one of [everywhere, there, again]) {
    n.sendSignal(one.watch, SIGKILL);
    expect((await whole(one)).how).toEqual({ signal: SIGKILL });
  }
});

test('what a process holds of what is asked for', async () => {
  const started = shell('echo ready >&2; exec sleep 1000');
  const { watch, stderr } = started;
  expect(await n.waitFor(stderr, 'readable', 10_000)).toBe(true);
  const { r, w } = n.pipe('other');
  const nothing = n.openFile('/dev/null', 'null', 'r');
  const facts = n.processFacts(watch.pid)!;
  const asked = [stderr, r, nothing].map((d) => d.identity());
  const found = n.processHoldings(watch.pid, asked)!;
  expect(found.held).toEqual([asked[0], asked[2]]);
  expect(found.descriptors).toBe(facts.descriptors.length);
  expect(found).toMatchObject({ listed: true, sockets: [], threads: 1, startTime: facts.startTime });
  expect(n.processHoldings(watch.pid)).toMatchObject({ descriptors: facts.descriptors.length, held: [], listed: true });
  expect(n.processHoldings(2 ** 22 + 1, [])).toBeUndefined();
  n.sendSignal(watch, SIGKILL);
  await whole(started);
  for (const d of [r, w, nothing]) d.close();
});

test('eventfds, files and sockets of a process are told apart', () => {
  const body = `
    const [a, b] = n.Socket.pair(['a', 'b']);
    const [kick, call] = [n.eventfd('kick'), n.eventfd('call')];
    const [one, other] = [n.memfd('one', 1), n.memfd('other', 1)];
    const identities = [a, b, kick, call, one, other].map((d) => d.identity());
    call.close(); other.close();
    const { held, sockets } = n.processHoldings(process.pid, identities);
    console.log(identities.map((i) => held.includes(i)).join(), sockets.includes(identities[0]));`;
  expect(runScript(compiled, body)).toBe('true,true,true,false,true,false true');
});
