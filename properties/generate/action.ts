import type { Mood, View, World } from './world.js';

/** Kinds of actions; some of them are switched off for each trace, so that the others meet in other ways (swarm). */
export const kinds = [
  'query',
  'negotiation',
  'memory',
  'ring',
  'log',
  'config',
  'reset',
  'backend-channel',
  'inflight',
  'save',
  'load',
  'channel',
  'check',
  'migrate',
  'retry',
  'interleave',
  'pipeline',
  'connection',
  'disturb',
  'trailing',
  'damage',
  'abandon',
  'linger',
  'malformed',
  'unknown',
  'unoffered',
  'descriptors',
  'odd-channel',
  'fragments',
  'need-reply',
  'parameters',
  'unnegotiated',
] as const;
export type Kind = (typeof kinds)[number];

/** Something that a front-end can do next: one step, or a walk of several. */
export interface Action {
  readonly name: string;
  readonly kind: Kind;
  /** The tamest mood that it belongs to; wilder ones have it too. */
  readonly mood: Mood;
  /** How often, against others that are as new. */
  readonly weight: number;
  /** Of the transition that it is for, see `Judgement.transitions`; left out where there are several. */
  readonly label?: string | ((w: World, view: View) => string);
  /** Whether it makes sense now. */
  readonly when: (w: World, view: View) => boolean;
  /** Add its steps. */
  readonly act: (w: World, view: View) => void;
}
