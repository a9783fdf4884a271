import { readFileSync } from 'node:fs';
import { packaged } from '../packaged.js';

/**
 * passt, the user-mode network back-end in C. It goes on listening after a connection.
 *
 * It needs no network interface (without one it falls back to link-local addresses), and no privileges: started as root it
 * becomes nobody after it has bound its socket, as another user it makes a user namespace. It makes itself undumpable, so
 * only root sees its descriptors in /proc. Beside its socket it makes a second one, `….repair`.
 */
export default packaged({
  name: 'passt',
  package: 'passt',
  programs: hasAvx2() ? ['usr/bin/passt.avx2', 'usr/bin/passt'] : ['usr/bin/passt'],
  installed: ['passt'],
  options: ['--vhost-user', '--socket', '--foreground'],
  arguments: ['--vhost-user', '-f', '-s', '{socket}'],
  comparable: true,
});

/** passt looks for its faster build beside /proc/self/exe, which is the loader where we start it: so we choose. */
function hasAvx2(): boolean {
  try {
    return /^flags\s*:.*\bavx2\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  } catch {
    return false;
  }
}
