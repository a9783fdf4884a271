import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import * as n from '../../native/index.js';
import { compiledNative, expectNoDescriptorsLeft, failure, runScript } from './support.js';

expectNoDescriptorsLeft();
const compiled = compiledNative();
const { SIGKILL, SIGTERM, SIGSTOP, SIGCONT } = constants.signals;

/** A child of ours that says something when it is there, and waits for the end of its standard input. */
interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its first words. */
  readonly said: string;
  stop(): Promise<void>;
}

/** Starts a program with these of our descriptors from number 3 on. */
async function start(command: string, args: string[], descriptors: n.Descriptor[] = []): Promise<Started> {
  const stdio: StdioOptions = ['pipe', 'pipe', 'ignore', ...descriptors.map((d) => d.fd)];
  const child = spawn(command, args, { stdio });
  const [said] = await once(child.stdout!, 'data');
  const stop = async () => {
    const gone = once(child, 'close');
    child.stdin!.destroy();
    child.stdout!.resume();
    child.kill('SIGKILL');
    await gone;
  };
  return { child, pid: child.pid!, said: String(said).trim(), stop };
}

/** A shell that runs some commands, says `ready` and becomes a program that waits. */
function shell(commands = '', descriptors: n.Descriptor[] = []): Promise<Started> {
  return start('bash', ['-c', `${commands}\necho ready; exec cat`], descriptors);
}

describe('facts', () => {
  test('descriptors of another process are told apart and recognised', async () => {
    const { r, w } = n.pipe('channel');
    const other = n.pipe('other');
    const [a, b] = n.Socket.pair(['a', 'b']);
    const kick = n.eventfd('kick');
    const call = n.eventfd('call');
    const memory = n.memfd('memory', 4096);
    const directory = n.openDirectory('/', 'directory');
    const given = [w, b, kick, memory, directory];
    const { pid, stop } = await shell('', given);
    const facts = n.processFacts(pid)!;
    expect(facts.listed).toBe(true);
    // Besides, there may be what this process itself inherited.
    expect(facts.descriptors.map(({ fd }) => fd)).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 5, 6, 7]));
    const at = (d: n.Descriptor) => facts.descriptors.filter(({ identity }) => identity === d.identity());
    for (const [i, d] of given.entries())
      expect(
        at(d).map(({ fd }) => fd),
        d.role,
      ).toEqual([3 + i]);
    for (const d of [a, call, other.r]) expect(at(d), d.role).toEqual([]);
    expect(at(r)).toEqual(at(w)); // One object; the access tells the ends apart.
    expect(at(r)[0]!.access).toBe('write');
    expect(at(kick)[0]!.target).toBe('anon_inode:[eventfd]');
    expect(at(memory)[0]!.target).toMatch(/^\/memfd:vhost-check/);
    await stop();
    for (const d of [r, w, other.r, other.w, a, b, kick, call, memory, directory]) d.close();
  });

  test('threads, memory, processor time, state and start', async () => {
    const busy = `let n = 0; for (const end = Date.now() + 200; Date.now() < end; n++); process.stdin.on('data', () => {});
      console.log('ready');`;
    const { pid, stop } = await start(process.execPath, ['--eval', busy]);
    const facts = n.processFacts(pid)!;
    expect(facts.threads).toBeGreaterThan(3);
    expect(facts.memory).toBeGreaterThan(10 << 20);
    expect(facts.memory).toBeLessThan(1 << 30);
    expect(facts.cpuMs).toBeGreaterThan(50);
    expect(facts.cpuMs).toBeLessThan(60_000);
    expect(facts.state).toMatch(/^[RS]$/);
    const later = n.processFacts(pid, { descriptors: false })!;
    expect(later.startTime).toBe(facts.startTime);
    expect(later.cpuMs).toBeGreaterThanOrEqual(facts.cpuMs);
    expect(later).toMatchObject({ listed: false, descriptors: [] });
    const mine = n.processFacts(process.pid)!;
    expect(mine.startTime).toBeLessThan(facts.startTime);
    expect(Math.abs(mine.memory - process.memoryUsage.rss())).toBeLessThan(16 << 20);
    await stop();
  });

  test('a process that is named like a stat line is read all the same', async () => {
    const { pid, stop } = await shell('printf "%s" ") S 1 (x" > /proc/$$/comm; echo ready; read');
    const facts = n.processFacts(pid)!;
    expect(facts.threads).toBe(1);
    expect(facts.startTime).toBeGreaterThanOrEqual(n.processFacts(process.pid)!.startTime);
    await stop();
  });

  test('no such process', () => {
    expect(n.processFacts(2 ** 22 + 1)).toBeUndefined();
    expect(n.processFacts(-1)).toBeUndefined();
  });

  test('a process that has ended but is not reaped', async () => {
    // The shell starts a child, says its number and becomes a program that never reaps it.
    const { r, w } = n.pipe('end');
    const parent = await start('bash', ['-c', 'cat <&3 & echo $!; exec cat 3<&-'], [r]);
    const pid = Number.parseInt(parent.said, 10);
    const watch = n.watchExit(pid);
    while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'cat\n') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    w.close();
    expect(await watch.ended(10_000)).toBe(true);
    const facts = n.processFacts(pid)!;
    expect(facts.state).toBe('Z');
    expect(facts.descriptors).toEqual([]);
    expect(facts.memory).toBe(0);
    watch.close();
    r.close();
    await parent.stop();
  });

  // In a process of its own: here other threads may open and close descriptors, too.
  test('our own descriptors are listed without those that list them', () => {
    const script = `
      const event = n.eventfd('kick');
      const before = n.openDescriptors();
      const inFacts = n.processFacts(process.pid).descriptors.map(({ fd, target }) => ({ fd, target }));
      const again = n.openDescriptors();
      const mine = before.find(({ fd }) => fd === event.fd);
      event.close();
      const after = n.openDescriptors();
      console.log(JSON.stringify(before) === JSON.stringify(again), JSON.stringify(before) === JSON.stringify(inFacts));
      console.log(mine.target, after.length - before.length);
      console.log(before.some(({ target }) => target.startsWith('/proc/')));`;
    expect(runScript(compiled, script)).toBe('true true\nanon_inode:[eventfd] -1\nfalse');
  });
});

describe('ends and signals', () => {
  test('the end of a process', async () => {
    const { child, pid } = await shell();
    const watch = n.watchExit(pid);
    expect(watch.pid).toBe(pid);
    expect(await watch.ended(10)).toBe(false);
    const gone = once(child, 'close');
    child.stdin!.end();
    expect(await watch.ended(10_000)).toBe(true);
    await gone;
    expect(await watch.ended(0)).toBe(true);
    expect(n.sendSignal(watch, SIGTERM)).toBe(false);
    watch.close();
  });

  test('signals reach the process that is meant', async () => {
    const { child, pid } = await shell();
    const watch = n.watchExit(pid);
    const ended = once(child, 'close');
    const state = async (letter: string) => {
      while (n.processFacts(pid)!.state !== letter) await new Promise((resolve) => setImmediate(resolve));
    };
    expect(n.sendSignal(watch, 0)).toBe(true);
    expect(failure(() => n.sendSignal(watch, 1000))).toMatchObject({ code: 'EINVAL', call: 'pidfd_send_signal' });
    n.sendSignal(watch, SIGSTOP);
    await state('T');
    n.sendSignal(watch, SIGCONT);
    await state('S');
    expect(n.sendSignal(watch, SIGKILL)).toBe(true);
    expect(await watch.ended(10_000)).toBe(true);
    expect(await ended).toEqual([null, 'SIGKILL']);
    watch.close();
  });

  test('no such process', () => {
    expect(failure(() => n.watchExit(2 ** 22 + 1))).toMatchObject({ code: 'ESRCH', call: 'pidfd_open' });
    expect(failure(() => n.watchExit(0))).toMatchObject({ code: 'EINVAL' });
  });
});

describe('processors', () => {
  test('all threads and all children are bound', () => {
    const cpu = n.allowedCpus().at(-1)!;
    const script = `
      import { execFileSync } from 'node:child_process';
      import { readdirSync, readFileSync } from 'node:fs';
      n.pinTo(${cpu});
      const allowed = (status) => /Cpus_allowed_list:\\t(.*)/.exec(status)[1];
      const tasks = readdirSync('/proc/self/task').map((task) => allowed(readFileSync('/proc/self/task/' + task + '/status', 'utf8')));
      console.log(n.allowedCpus().join(), tasks.length > 3, [...new Set(tasks)].join());
      console.log(allowed(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' })));`;
    expect(runScript(compiled, script)).toBe(`${cpu} true ${cpu}\n${cpu}`);
  });

  test('one that does not exist is refused', () => {
    expect(failure(() => n.pinTo(8000))).toMatchObject({ code: 'EINVAL', call: 'sched_setaffinity' });
    expect(failure(() => n.pinTo(-1))).toMatchObject({ code: 'EINVAL' });
    expect(failure(() => n.pinTo(1e6))).toMatchObject({ code: 'EINVAL' });
  });

  test('the allowed ones are those that the system shows', () => {
    /** 0,1,2,5 as 0-2,5 */
    const list = (cpus: number[]) =>
      cpus
        .filter((cpu) => !cpus.includes(cpu - 1))
        .map((first) => {
          let last = first;
          while (cpus.includes(last + 1)) last++;
          return first === last ? `${first}` : `${first}-${last}`;
        })
        .join();
    expect(list(n.allowedCpus())).toBe(
      /Cpus_allowed_list:\t(.*)/.exec(readFileSync('/proc/thread-self/status', 'utf8'))![1],
    );
  });
});
