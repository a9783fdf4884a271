import type { TargetSpec } from '../backends/index.js';

/** What a report calls the back-end that was chosen. */
export function backendName(spec: TargetSpec): string {
  switch (spec.kind) {
    case 'builtin':
      return spec.name;
    case 'connect':
      return spec.path;
    case 'command':
      return spec.argv.join(' ');
  }
}
