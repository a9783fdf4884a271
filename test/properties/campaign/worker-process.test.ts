import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../../harness/index.js';
import type { WorkerOptions } from '../../../properties/campaign/options.js';
import type { Hooks, Report } from '../../../properties/campaign/reports.js';
import { workerProcess } from '../../../properties/campaign/worker-process.js';
import { runs } from '../../backends/support.js';

const options: WorkerOptions = {
  spec: { kind: 'connect', path: '/nowhere' },
  index: 3,
  jobs: 4,
  seed: 1,
  reuse: false,
  levels: ['must'],
  variants: {},
  moods: ['lawful'],
  maxShrinkExecutions: 10,
  inProcess: false,
};

describe('workerProcess', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vhost-check-test-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** A program that has a conversation with us. */
  function program(text: string): string {
    const path = join(directory, `${Math.random().toString(36).slice(2)}.mjs`);
    writeFileSync(path, text);
    return path;
  }

  function run(text: string, signal = new AbortController().signal) {
    const told: Report[] = [];
    const asked: string[] = [];
    const hooks: Hooks = {
      tell: (report) => told.push(report),
      claim: async (signature) => {
        asked.push(signature);
        return signature === 'mine';
      },
      release: (signature) => asked.push(`released ${signature}`),
      signal,
    };
    const ended = workerProcess(program(text), options, hooks, 300);
    return { told, asked, ended };
  }

  it('starts it, hears its reports, answers its questions', async () => {
    const { told, asked, ended } = run(`
      const version = [];
      process.on('message', (message) => {
        if (message.type === 'start') {
          version.push(String(message.options.index));
          process.send({ type: 'claim', signature: 'mine' });
          process.send({ type: 'claim', signature: 'theirs' });
        } else {
          version.push(message.signature, String(message.granted));
          if (version.length < 5) return;
          process.send({ type: 'release', signature: 'mine' });
          process.send({ type: 'report', report: { type: 'ready', backend: { name: 'b', version: version.join(' ') } } });
          process.send({ type: 'done' }, () => process.exit());
        }
      });`);
    await ended;
    expect(asked).toEqual(['mine', 'theirs', 'released mine']);
    expect(told).toEqual([{ type: 'ready', backend: { name: 'b', version: '3 mine true theirs false' } }]);
  });

  it('throws the mistake of a user that it tells', async () => {
    const { ended } = run(`
      process.once('message', () => process.send({ type: 'failed', user: true, message: 'no such thing', stack: '' }, () => process.exit()));`);
    await expect(ended).rejects.toThrow(UserError);
    await expect(ended).rejects.toThrow(/^no such thing$/);
  });

  it('throws an error that it tells, with its origin', async () => {
    const { ended } = run(`
      process.once('message', () => process.send({ type: 'failed', user: false, message: 'oh', stack: 'at far away' }, () => process.exit()));`);
    await expect(ended).rejects.not.toBeInstanceOf(UserError);
    await expect(ended).rejects.toMatchObject({ message: 'a worker failed: oh', stack: 'at far away' });
  });

  it('throws where it crashes, with its last words', async () => {
    const { ended } = run(`process.once('message', () => { throw new Error('something broke'); });`);
    await expect(ended).rejects.toThrow(/a worker ended with status 1: [\s\S]*something broke/);
  });

  it('throws where it is killed', async () => {
    const { ended } = run(`process.once('message', () => process.kill(process.pid, 'SIGKILL'));`);
    await expect(ended).rejects.toThrow('a worker ended with SIGKILL: it said nothing');
  });

  it('leaves nothing where it is killed: neither its folder nor its back-ends', async () => {
    const { told, ended } = run(`
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      process.once('message', () => {
        const folder = process.env.TMPDIR;
        writeFileSync(folder + '/file', '');
        const options = { detached: true, stdio: 'ignore' };
        const { pid } = spawn('sh', ['-c', 'sleep 1000; true', folder + '/socket'], options);
        const backend = { name: String(pid), version: folder };
        process.send({ type: 'report', report: { type: 'ready', backend } }, () => process.kill(process.pid, 'SIGKILL'));
      });`);
    await expect(ended).rejects.toThrow('SIGKILL');
    const [ready] = told;
    const { name, version } = ready?.type === 'ready' ? ready.backend : { name: '', version: '' };
    expect(version).toMatch(/^\/.*vhw-/);
    expect(existsSync(version)).toBe(false);
    await vi.waitFor(() => expect(runs(Number(name))).toBe(false), { timeout: 5_000, interval: 5 });
  });

  it('throws where it ends without a word', async () => {
    await expect(run(`process.once('message', () => process.exit());`).ended).rejects.toThrow('status 0');
  });

  it('throws where it cannot be started', async () => {
    const hooks = { tell: () => {}, claim: async () => true, release: () => {}, signal: new AbortController().signal };
    await expect(workerProcess(join(directory, 'missing.js'), options, hooks)).rejects.toThrow('a worker ended with');
  });

  it('asks it to end at the signal', async () => {
    const stop = new AbortController();
    const { told, ended } = run(
      `process.on('message', (message) => {
        const tell = (name) => process.send({ type: 'report', report: { type: 'ready', backend: { name, version: '' } } });
        if (message.type === 'start') return tell('started');
        tell('stopped');
        process.send({ type: 'done' }, () => process.exit());
      });`,
      stop.signal,
    );
    await expect.poll(() => told.length).toBe(1);
    stop.abort();
    await ended;
    expect(told.map((report) => report.type === 'ready' && report.backend.name)).toEqual(['started', 'stopped']);
  });

  it('kills one that does not care for the signal, and goes on with what it told', async () => {
    const stop = new AbortController();
    const { told, ended } = run(
      `process.on('SIGTERM', () => {});
       process.on('message', (message) => {
         if (message.type === 'start') process.send({ type: 'report', report: { type: 'ready', backend: { name: '', version: '' } } });
       });`,
      stop.signal,
    );
    await expect.poll(() => told.length).toBe(1);
    const begin = performance.now();
    stop.abort();
    await ended;
    expect(told).toHaveLength(1);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});
