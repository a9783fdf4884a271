/** The bounds of a campaign, in one place. Times are milliseconds unless the name says otherwise. */
export const campaignLimits = {
  /** Back-ends that each worker starts ahead. */
  spares: 3,
  /** Between two reports of a worker, and between two calls of `onProgress`. */
  reportMs: 200,
  /** A trace gets this long (what it lingers not counted), or `traceDeadlines` deadlines where that is more: then its remaining
   * steps are skipped. One that has waited in vain so often has shown what it can, and a campaign has others to run. */
  traceMs: 3_000,
  traceDeadlines: 8,
  /** But never longer than this. */
  longestTraceMs: 15_000,
  /** How long a worker may take until its clock begins: starting, calibration, a first look at the back-end. */
  startMs: 60_000,
  /** A finding that waits to be shrunk begins from another trace that is this many times shorter. */
  muchShorter: 1.5,
  /** Traces that one finding is shrunk from, one after another, where none becomes as small as can be. */
  beginnings: 4,
  /** The least that shrinking one finding gets before it is another one's turn. */
  shrinkTurnMs: 2_000,
  /** When the time of a campaign is over: how long shrinking may still go on. */
  shrinkGraceMs: 60_000,
  /** Then, or when it was interrupted: how long a worker may take for the trace at hand and for ending its back-ends. */
  endGraceMs: 8_000,
  /** Between asking a worker to end and killing it. */
  killGraceMs: 2_000,
  /** Repetitions that a new violation gets to show again. */
  confirmTries: 20,
  /** The same where it rests on something not coming: chance gets fewer chances. */
  confirmTimedTries: 5,
  /** How much longer is waited in these repetitions, for each kind. */
  confirmPatience: 2,
  confirmTimedPatience: 4,
  /** Shrinking waits a quarter of the deadline first, which is generous, but no less than so many milliseconds. */
  hastyPatience: 0.25,
  hastyMs: 80,
  /** After so many traces whose violation did not show again, its signature is looked at no more. */
  confirmAttempts: 3,
  /** Every so many findings of one clause shrinking gets stingier: the ninth one teaches less than the first. */
  generousFindings: 4,
  /** It never gets fewer executions than this. */
  leastShrinkExecutions: 60,
  /** A clause with so many findings does not need those that only shrinking met. */
  metOnTheWay: 3,
  /** Bytes of a worker's standard error that are kept. */
  stderrBytes: 8 * 1024,
  /** Lines of a back-end's standard error that a finding carries. */
  stderrLines: 20,
} as const;
