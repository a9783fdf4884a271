import { packaged } from '../packaged.js';

/**
 * virtiofsd, the file system back-end in Rust. It serves one connection and ends with it, with exit status 0.
 *
 * Without a sandbox it needs no privileges and leaves no processes; without its system call filter a wrong descriptor gives
 * an error and not a kill. It writes a pid file beside its socket. Debian puts it outside PATH.
 */
export default packaged({
  name: 'virtiofsd',
  package: 'virtiofsd',
  programs: ['usr/libexec/virtiofsd'],
  installed: ['virtiofsd', '/usr/libexec/virtiofsd', '/usr/lib/virtiofsd'],
  options: ['--socket-path', '--shared-dir', '--sandbox', '--seccomp'],
  arguments: ['--socket-path={socket}', '--shared-dir={directory}', '--sandbox=none', '--seccomp=none'],
  comparable: true,
});
