/**
 * The benchmark: `npm run bench`, or `npm run bench -- --short`, or one part of it with `--only round-trips`, `processes` or
 * `kept`.
 *
 * Everything of one measurement runs on one processor, the last that we may use, because placement matters more than
 * anything that is measured here. Where back-ends start on others meanwhile, it says so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listBackends } from '../backends/index.js';
import { allowedCpus, pinTo } from '../native/index.js';
import { compile } from './compile.js';
import { endurance, type Sample } from './endurance.js';
import { migrations } from './migrations.js';
import { roundTrips } from './round-trips.js';

/** Bytes by which memory may differ between half time and the end. */
const ALLOWANCE = 4 * 2 ** 20;

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false }, only: { type: 'string' } } });
const wanted = (part: 'round-trips' | 'processes' | 'kept') => values.only === undefined || values.only === part;
const share = values.short ? 0.05 : 1;
const times = (count: number) => Math.round(count * share);

const directory = mkdtempSync(join(tmpdir(), 'vhost-check-bench-'));
try {
  const processors = allowedCpus();
  const processor = processors.at(-1) ?? 0;
  pinTo(processor);

  if (wanted('round-trips')) {
    const programs = { echo: compile('echo', directory), client: compile('client', directory) };
    say('round trips a second, one descriptor each', await roundTrips(programs, directory, processor, times(200_000)));
  }

  if (wanted('processes')) await processEach(processor, processors);

  if (wanted('kept')) {
    const { rate, samples } = await endurance(directory, times(100_000), 10);
    console.log(`traces a second, reference kept: ${rate.toFixed(0)}`);
    tell(samples);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function processEach(processor: number, processors: readonly number[]): Promise<void> {
  const migration = compile('migration', directory);
  for (const backend of await listBackends()) {
    if (!backend.available || !backend.command.includes('--socket-path={socket}')) continue;
    const name = `traces a second, a process each, ${backend.name} ${backend.version}`;
    const { ours, ahead, bare } = await migrations(backend, migration, directory, processor, processors, times(1000));
    say(name, { ours, bare });
    if (processors.length > 1) say('  the next ones starting on any processor meanwhile', { ours: ahead, bare });
  }
}

function say(what: string, { ours, bare }: { readonly ours: number; readonly bare: number }): void {
  console.log(`${what}: ours ${ours.toFixed(0)}, C ${bare.toFixed(0)}, ratio ${(ours / bare).toFixed(2)}`);
}

function tell(samples: readonly Sample[]): void {
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1).padStart(8);
  console.log('  traces  heap MiB  RSS MiB  descriptors  back-end: RSS MiB  descriptors');
  for (const s of samples) {
    const ours = `${String(s.traces).padStart(8)}  ${mib(s.heap)} ${mib(s.resident)} ${String(s.descriptors).padStart(12)}`;
    console.log(`${ours}  ${mib(s.backendResident).padStart(17)} ${String(s.backendDescriptors).padStart(12)}`);
  }
  // What is not warm at half time grows for ever.
  const [middle, last] = [samples[Math.floor((samples.length - 1) / 2)], samples.at(-1)];
  if (middle === undefined || last === undefined) return;
  const more = last.descriptors > middle.descriptors || last.backendDescriptors > middle.backendDescriptors;
  // A few MiB of resident memory come and go with the allocators.
  const grown = (key: 'heap' | 'resident' | 'backendResident') => last[key] - middle[key] > ALLOWANCE;
  const verdict = more || grown('heap') || grown('resident') || grown('backendResident') ? 'NOT flat' : 'flat';
  console.log(`memory and descriptors after ${last.traces.toLocaleString('en-US')} traces: ${verdict}`);
}
