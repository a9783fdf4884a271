/**
 * Every bound of the harness, by name and in one place. Times are milliseconds, sizes are bytes, unless the name says
 * otherwise. A back-end that goes beyond one of them is recorded in the history; it never costs more than this.
 */
export const limits = {
  /** The deadline is this many times the slowest round trip that calibration saw … */
  deadlineFactor: 50,
  /** … but not less: a scheduler's hiccup on a loaded machine must not look like a hang … */
  deadlineMinMs: 250,
  /** … and not more: every missing answer of a campaign costs one deadline. */
  deadlineMaxMs: 2_000,
  /** Round trips that calibration makes. The first ones find cold caches, which is what a fresh process has too. */
  calibrationRounds: 8,

  /** Synchronous poll before the event loop is asked, microseconds; only where the peer is another process. It sleeps
   * in the kernel, so a back-end on the same processor runs meanwhile. */
  spinUs: 500,
  /** A piece of a message that is split goes out when the peer has taken the one before. Once it left one there for a
   * whole deadline, it gets only so long for each of the others of that message. */
  cutWaitMs: 1,
  /** While a back-end channel is open no wait is longer than this without serving it. */
  servePauseMs: 16,

  /** Largest payload of a message that we read. The largest lawful one of today is below 5 KiB. */
  payload: 64 * 1024,
  /** Messages that a back-end may send beyond the number that it was sent. */
  floodMessages: 1_000,
  /** Bytes that it may send beyond `replyAllowance` for each message that it was sent. */
  floodBytes: 1024 * 1024,
  /** Descriptors that it may send beyond `descriptors` for each message that it was sent. Each costs a few system calls. */
  floodDescriptors: 1_000,
  /** See `floodBytes`. */
  replyAllowance: 8 * 1024,
  /** Bytes of garbage that the history keeps. */
  garbageKept: 4 * 1024,
  /** Descriptors in one message (SCM_MAX_FD of Linux). */
  descriptors: 253,

  /** Bytes that one `read` step takes before it calls the stream endless. */
  readBytes: 64 * 1024 * 1024,
  /** Bytes that one `write` step moves at a time. */
  writePiece: 64 * 1024,
  /** Bytes read at a time: the front-ends that exist read up to 1 MiB. */
  readPiece: 256 * 1024,
  /** The event loop gets a turn after this many bytes. */
  yieldBytes: 1024 * 1024,

  /** After a connection went away unasked: how long its process may take to end before it counts as living. */
  goneGraceMs: 50,
  /** How long a back-end that was handed a descriptor at once may take until it is idle and its facts can be taken. */
  idleMs: 20,
  /** Half of a `linger` step that is shorter than this shows no use of the processor: one burst of work fills it. */
  idleHalfMs: 10,
  /** Between SIGTERM and SIGKILL. */
  stopGraceMs: 1_000,
  /** Longest pause between two looks at the back-end's descriptors. */
  lookPauseMs: 32,
  /** A trace that runs longer (lingering not counted) has its remaining steps skipped. */
  traceMs: 60_000,

  /** Limits of a corpus file: it may come from a stranger. */
  file: {
    bytes: 1024 * 1024,
    steps: 10_000,
    /** All `linger` steps of a trace together. */
    lingerMs: 10_000,
    /** All `write` steps of a trace together; a stored state counts with its length, at most `readBytes`. */
    writeBytes: 512 * 1024 * 1024,
    /** One memory or regular file. */
    objectBytes: 64 * 1024 * 1024,
    /** All of them together. */
    allObjectBytes: 256 * 1024 * 1024,
    /** Pipe capacity; the kernel refuses more to users without privilege. */
    pipeBytes: 1024 * 1024,
    objects: 1_000,
    sessions: 8,
    /** Places at which one message is split: each may cost `cutWaitMs`. */
    cuts: 1_000,
    /** A deadline that a file may ask for. */
    deadlineMs: 60_000,
    /** Nesting of YAML collections. */
    depth: 16,
    /** Characters of a text in the header. */
    text: 16 * 1024,
  },
} as const;
