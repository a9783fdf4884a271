/**
 * The soak: `npm run soak`. Generated traces on the reference back-end as it is by default, with each answer to each open
 * question, and with its own channel. It is conformant in all these ways, so every finding is a mistake of ours.
 *
 * Exit status: 0 nothing found, 1 a finding, a descriptor too many or a process that ended, 2 an error of usage.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { text, whole } from '../cli/parse.js';
import { wordingOf } from '../cli/wording.js';
import { UserError } from '../harness/index.js';
import * as registry from '../model/clauses/index.js';
import * as coverage from '../model/session/index.js';
import { storeFinding } from '../report/corpus.js';
import type { PartResult } from './part.js';
import { type Part, partsOf } from './parts.js';
import { faultsOf, partLine, summaryLine } from './report.js';
import { runAll } from './worker-process.js';

const usage = `npm run soak -- [options]
  --runs N    traces on the default reference [20000]
  --each N    traces for each answer to each open question, and for the own channel [2000]
  --pinned N  traces more for each answer, with that answer pinned [a quarter of --each]
  --seed S    [1]
  --only PART run this part only (default, own-channel, open.x=answer, or open.x=answer,pinned); may be repeated
  --jobs J    processes [three for two processors]
  --out DIR   where findings are stored [vhost-check-out/soak]`;

interface Options {
  readonly parts: readonly Part[];
  readonly jobs: number;
  readonly out: string;
}

function read(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '20000' },
      each: { type: 'string', default: '2000' },
      pinned: { type: 'string' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [] },
      // Much of the time a worker waits.
      jobs: { type: 'string', default: String(Math.ceil(1.5 * availableParallelism())) },
      out: { type: 'string', default: join('vhost-check-out', 'soak') },
    },
  });
  const traces = whole(0, 1_000_000_000);
  const each = traces(values.each);
  const all = partsOf({
    runs: traces(values.runs),
    each,
    pinned: values.pinned === undefined ? Math.round(each / 4) : traces(values.pinned),
    seed: whole(0, 2 ** 31 - 1)(values.seed),
  });
  for (const name of values.only) {
    if (!all.some((part) => part.name === name)) throw new Error(`there is no part ${name}`);
  }
  const parts = values.only.length === 0 ? all : all.filter(({ name }) => values.only.includes(name));
  return { parts, jobs: whole(1, 256)(values.jobs), out: text(values.out) };
}

const wording = wordingOf(registry, coverage);

/** Print what a part showed, with everything that one needs to act on it. */
function tell(result: PartResult, out: string): void {
  console.log(partLine(result));
  const { name, args, variants } = result.part;
  const spec = { kind: 'builtin', name: 'reference', args } as const;
  const directory = join(out, name.replaceAll(/[=,]/g, '-'));
  for (const finding of result.findings) {
    const file = storeFinding(directory, finding, { spec, version: result.version, variants, wording });
    console.log(`  ${finding.level} ${finding.clause}: ${finding.observed}; expected ${finding.expected.join(' or ')}`);
    console.log(`  npx vhost-check replay ${join(directory, file)}`);
  }
}

async function soak({ parts, jobs, out }: Options): Promise<boolean> {
  const begin = performance.now();
  const results = await runAll(parts, jobs, (result) => tell(result, out));
  console.log(summaryLine(results, (performance.now() - begin) / 1_000));
  return results.every((result) => faultsOf(result).length === 0);
}

function options(): Options | undefined {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    console.error(`soak: ${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

const chosen = options();
if (chosen === undefined) process.exitCode = 2;
else {
  try {
    process.exitCode = (await soak(chosen)) ? 0 : 1;
  } catch (error) {
    console.error(`soak: ${error instanceof UserError ? error.message : (error as Error).stack}`);
    process.exitCode = 2;
  }
}
