import { installBackends, suites, UserError } from '../../backends/index.js';

/** Names of all real back-ends that tests run against. */
export const realNames = suites.flatMap((suite) => [`virtiofsd@${suite}`, `passt@${suite}`]);

/**
 * Fetch the real back-ends into the user's cache, where they are not there yet.
 * @returns their names; on a system without apt none, and why.
 */
export async function fetchReal(): Promise<{ readonly names: readonly string[]; readonly why?: string }> {
  try {
    await installBackends(realNames);
    return { names: realNames };
  } catch (error) {
    if (error instanceof UserError && error.message.includes('needs apt-get')) return { names: [], why: error.message };
    throw error;
  }
}
