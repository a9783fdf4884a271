/** The bounds of everything that is started or waited for here, in one place. Times are milliseconds, sizes bytes. */

/** How long a process that we have just started may take until it listens. Generous: it bounds a hang, it measures nothing. */
export const START_LIMIT_MS = 10_000;

/** Between SIGTERM and SIGKILL, where the caller names no grace of its own. */
export const STOP_GRACE_MS = 1_000;

/** How long the kernel may take to end a process after SIGKILL before we stop waiting for it. */
export const KILL_LIMIT_MS = 5_000;

/** How long a process that cannot be connected to may take to be seen as ended. */
export const LAST_WORDS_MS = 100;

/** Microseconds for which the thread sleeps in the kernel for the end of a process, before the event loop is asked. */
export const END_SPIN_US = 500;

/** How much of what a process says on standard error is taken at a time: the event loop has other things to do. */
export const STDERR_TURN_BYTES = 1 << 18;

/** How much of the end of a back-end's standard error is kept. */
export const STDERR_TAIL_BYTES = 8_192;

/** The longest path that fits `sockaddr_un.sun_path` (108 bytes) together with its terminating zero. */
export const SOCKET_PATH_BYTES = 107;

/** How long a back-end may take to answer on the connection that shows whether it survived the last one. */
export const PROBE_LIMIT_MS = 2_000;

/** How long a program may take to print its help or version. */
export const HELP_LIMIT_MS = 5_000;

/** How long one run of apt-get may take (a slow mirror, ten megabytes). */
export const APT_LIMIT_MS = 600_000;

/** How much of one apt-get or dpkg-deb run's output is kept. */
export const TOOL_OUTPUT_BYTES = 1 << 20;
