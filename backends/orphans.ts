/** Back-ends whose owner was killed before it could end them. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * End the processes that were started with a path below this folder on their command line, with their groups. The kernel ends
 * most back-ends together with their owner, but not those that changed their user or hide behind a wrapper.
 * @param folder a private folder of the owner that was killed, where its back-ends have their sockets.
 */
export function endOrphans(folder: string): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (!commandLine(pid).includes(`${folder}/`)) continue;
    // Each leads a group of its own; what is in no such group is a process that it started, with a command line like its own.
    for (const target of [-pid, pid]) {
      try {
        process.kill(target, 'SIGKILL');
      } catch {
        // It has ended meanwhile, or is no leader.
      }
    }
  }
}

/** Empty where there is no such process, or none that has one. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
