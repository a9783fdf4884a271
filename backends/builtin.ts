import type { Target } from '../harness/target.js';
import type { Package } from './install/install.js';
import type { OpenOptions, Suite } from './spec.js';

/** One way to start a back-end, for the listing. */
export interface BackendListing {
  /** What `--backend` takes. */
  readonly name: string;
  /** Empty when it is not here, or its version is not known. */
  readonly version: string;
  readonly available: boolean;
  /** Where it comes from. */
  readonly origin: 'built in' | 'installed' | 'cache' | 'nowhere';
  /** How it is started, `{socket}` where its socket's path goes. Empty when it is not available. */
  readonly command: readonly string[];
  /** What to do when it is not available. */
  readonly hint?: string;
}

/** A back-end that has a name. One file of `builtin/` each, as its default export. */
export interface Builtin {
  readonly name: string;
  /** Debian's package of it, where there is one. */
  readonly package?: Package;
  /**
   * @param suite take the cached package of this suite, and nothing else.
   * @throws UserError when it is not here, or has no suites.
   */
  open(request: { readonly suite?: Suite; readonly args: readonly string[] }, options: OpenOptions): Promise<Target>;
  /** All ways to start it, the plain name first. */
  list(): Promise<BackendListing[]>;
}
