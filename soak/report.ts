import type { PartResult } from './part.js';
import type { Change } from './processes.js';

/** Why a part did not pass; empty when it did. */
export function faultsOf({ findings, ended, backend, harness }: PartResult): readonly string[] {
  const leaked = harness.descriptors.after - harness.descriptors.before;
  return [
    ...(findings.length > 0 ? [count(findings.length, 'finding')] : []),
    ...(ended > 0 ? [`${count(ended, 'back-end process', 'es')} ended`] : []),
    ...(backend.more > 0 ? [`${count(backend.more, 'descriptor')} more in the back-end`] : []),
    ...(leaked > 0 ? [`${count(leaked, 'descriptor')} more in the harness`] : []),
  ];
}

/** One line for a part. */
export function partLine(result: PartResult): string {
  const { part, traces, seconds, findings, unconfirmed, backend, harness } = result;
  const faults = faultsOf(result);
  return [
    part.name.padEnd(44),
    `${thousands(traces)} traces`.padStart(13),
    `${(traces / seconds).toFixed(0)}/s`.padStart(6),
    count(findings.length, 'finding'),
    ...(unconfirmed > 0 ? [`${unconfirmed} not seen again`] : []),
    `descriptors: harness ${change(harness.descriptors)}, back-end ${change(backend.descriptors)}`,
    `MiB: ${change(harness.memory, mib)}, ${change(backend.memory, mib)}`,
    ...(faults.length > 0 ? [`FAILED: ${faults.join(', ')}`] : []),
  ].join('  ');
}

/** One line for all of them. */
export function summaryLine(results: readonly PartResult[], seconds: number): string {
  const failed = results.filter((result) => faultsOf(result).length > 0);
  const traces = results.reduce((sum, result) => sum + result.traces, 0);
  const findings = results.reduce((sum, result) => sum + result.findings.length, 0);
  const verdict = failed.length === 0 ? 'all passed' : `${failed.length} FAILED`;
  return `${count(results.length, 'part')}, ${thousands(traces)} traces in ${seconds.toFixed(0)} s, ${count(findings, 'finding')}: ${verdict}`;
}

const thousands = (value: number): string => value.toLocaleString('en-US');
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const count = (value: number, what: string, plural = 's'): string => `${value} ${what}${value === 1 ? '' : plural}`;
const change = ({ before, after }: Change, print: (value: number) => string = String): string =>
  `${print(before)} -> ${print(after)}`;
