/** What the reference back-end can be told. */
import { type FaultName, faults } from './faults.js';
import { DEFAULT_STATE_SIZE, MAX_STATE_SIZE } from './offer.js';
import { defaultVariants, parseVariant, type Variants } from './variants.js';

/**
 * How one back-end behaves. One object stands for one back-end: connections that are served with the same object are
 * connections to the same device, which has an identity of its own among all that run.
 */
export interface ReferenceOptions {
  /** Bytes of device state beside its fixed fields, 1 to 256 MiB; 192 KiB when left out. */
  readonly stateSize?: number;
  /** Bring an own channel (the reply's bit 8 clear, and a descriptor with it) in place of the front-end's. */
  readonly ownChannel?: boolean;
  /** Answers to open questions; the first of each when left out. */
  readonly variants?: Partial<Variants>;
  /** Deliberate bugs. */
  readonly faults?: readonly FaultName[];
  /** End the process as a crash does; where it is left out the connection is closed instead. */
  readonly crash?: () => void;
}

/** What a command line asks for. */
export interface ReferenceArguments extends ReferenceOptions {
  /** Listen here. */
  readonly socketPath?: string;
  /** Use this inherited descriptor: a listening socket, or a connected one. */
  readonly fd?: number;
  /** Print the faults and end. */
  readonly listFaults: boolean;
}

/** Options with everything filled in. */
export type Settings = Required<Omit<ReferenceOptions, 'variants' | 'faults' | 'crash'>> & {
  readonly variants: Variants;
  readonly faults: ReadonlySet<FaultName>;
};

/** Fill in what was left out. */
export function settings(options: ReferenceOptions): Settings {
  return {
    stateSize: options.stateSize ?? DEFAULT_STATE_SIZE,
    ownChannel: options.ownChannel ?? false,
    variants: { ...defaultVariants, ...options.variants },
    faults: new Set(options.faults),
  };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const n = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(n >= least && n <= most))
    throw new Error(`${option} takes a whole number from ${least} to ${most}, not ${text}`);
  return n;
}

function faultName(text: string): FaultName {
  if (!Object.hasOwn(faults, text)) throw new Error(`unknown fault ${text}; --list-faults names them`);
  return text as FaultName;
}

/**
 * Read a command line (without program and script); values stand in the next word or behind `=`.
 * `--socket-path` and `--fd` may both be missing: who serves connections in the same process needs neither.
 * @throws Error with one line for what is wrong: an unknown option, question, answer or fault, a missing value.
 */
export function parseReferenceArgs(argv: readonly string[]): ReferenceArguments {
  const out: { -readonly [K in keyof ReferenceArguments]: ReferenceArguments[K] } = { listFaults: false };
  const names: FaultName[] = [];
  let variants: Partial<Variants> = {};
  for (let i = 0; i < argv.length; i++) {
    const [option = '', inline] = splitOption(argv[i]!);
    const value = (): string => {
      const text = inline ?? argv[++i];
      if (text === undefined) throw new Error(`${option} needs a value`);
      return text;
    };
    if (inline !== undefined && (option === '--own-channel' || option === '--list-faults'))
      throw new Error(`${option} takes no value`);
    if (option === '--socket-path') out.socketPath = value();
    else if (option === '--fd') out.fd = wholeNumber(option, value(), 0, 2 ** 31 - 1);
    else if (option === '--state-size') out.stateSize = wholeNumber(option, value(), 1, MAX_STATE_SIZE);
    else if (option === '--own-channel') out.ownChannel = true;
    else if (option === '--variant') variants = { ...variants, ...parseVariant(value()) };
    else if (option === '--fault') names.push(faultName(value()));
    else if (option === '--list-faults') out.listFaults = true;
    else throw new Error(`unknown option ${argv[i]}`);
  }
  if (out.socketPath !== undefined && out.fd !== undefined)
    throw new Error('--socket-path and --fd exclude each other');
  return { ...out, variants, faults: names };
}

function splitOption(word: string): [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
