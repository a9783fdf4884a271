import type { Trace } from '../../harness/trace/step.js';
import { transferring } from '../../model/session/index.js';
import { type Action, type Kind, kinds } from './action.js';
import { actions } from './actions/index.js';
import type { Coverage } from './coverage.js';
import type { Dice } from './dice.js';
import { negotiate } from './parts/negotiation.js';
import { finish, isConnected, isUp } from './parts/transfer.js';
import type { Profile } from './profile.js';
import { keyOf, type Mood, type View, World } from './world.js';

/** What a walk through the model needs to know. */
export interface WalkOptions {
  readonly profile: Profile;
  readonly mood: Mood;
  readonly coverage: Coverage;
  /** Most steps. */
  readonly maxSteps: number;
}

/** A walk through the model. */
export interface Walk {
  readonly trace: Trace;
  /** Transitions that it should take, see `Judgement.transitions`. */
  readonly keys: readonly string[];
  /** Kinds of the actions that it is made of. */
  readonly kinds: ReadonlySet<Kind>;
  readonly mood: Mood;
}

/** Most steps of an ordinary trace; a few are as long as they may be. */
const ORDINARY = 40;
/** Share of kinds that a trace goes without. */
const OFF = 0.3;
/** Kinds without which there is nothing to see. */
const always: ReadonlySet<Kind> = new Set<Kind>(['negotiation', 'save']);
/** Attraction of an action that is not for one transition. */
const PLAIN = 0.3;
/** How much of its weight an action loses each time that it was taken in the same trace. */
const FATIGUE = 0.5;

const rank: Readonly<Record<Mood, number>> = { lawful: 0, open: 1, hostile: 2 };

/** Walk through the model, from a back-end that nobody has talked to yet. */
export function walk(dice: Dice, options: WalkOptions): Walk {
  const { mood, coverage } = options;
  const world = new World(options.profile, mood, dice, options.maxSteps, coverage);
  const on = swarm(dice);
  const usable = actions.filter((action) => rank[action.mood] <= rank[mood] && on.has(action.kind));
  const taken = new Map<Action, number>();
  const used = new Set<Kind>();
  const length = someLength(dice, options.maxSteps);

  open(world);
  while (world.steps.length < length) {
    const view = someView(world);
    const possible = usable.filter((action) => action.when(world, view));
    const next = dice.weighted(possible, (action) => {
      const label = typeof action.label === 'function' ? action.label(world, view) : action.label;
      const attraction = label === undefined ? PLAIN : coverage.attraction(keyOf(view, label));
      return action.weight * attraction * FATIGUE ** (taken.get(action) ?? 0);
    });
    if (next === undefined) break;
    taken.set(next, (taken.get(next) ?? 0) + 1);
    used.add(next.kind);
    next.act(world, view);
  }
  close(world);
  return { trace: world.steps.slice(0, options.maxSteps), keys: world.keys, kinds: used, mood };
}

function swarm(dice: Dice): ReadonlySet<Kind> {
  return new Set(kinds.filter((kind) => always.has(kind) || !dice.chance(OFF)));
}

function someLength(dice: Dice, most: number): number {
  const ordinary = Math.min(ORDINARY, most);
  if (dice.chance(0.1)) return dice.int(1, Math.min(8, most));
  return dice.chance(0.85) ? dice.int(Math.min(6, ordinary), ordinary) : dice.int(ordinary, most);
}

/** The session that began last has most to do. */
function someView({ sessions, dice }: World): View {
  return dice.chance(0.6) ? sessions.at(-1)! : dice.pick(sessions);
}

/** Most traces begin with a negotiation. */
function open(w: World): void {
  const { dice, first, mood } = w;
  const whole = mood === 'lawful' ? 1 : mood === 'open' ? 0.93 : 0.8;
  if (dice.chance(whole)) {
    negotiate(w, first);
    return;
  }
  const messages = ['GET_FEATURES', 'SET_OWNER', 'GET_PROTOCOL_FEATURES'] as const;
  for (const message of messages) if (dice.chance(0.4)) w.say(first, message);
  if (first.state.asked === 'yes' && dice.chance(0.5)) {
    w.say(first, 'SET_PROTOCOL_FEATURES', {
      with: { value: dice.chance(0.5) ? 'offered & ~0x80000' : 'offered & 0x8' },
    });
  }
}

/** A lawful front-end leaves nothing half done; others often neither. */
function close(w: World): void {
  for (const view of w.sessions) {
    if (!isUp(view) || !transferring(view.state) || w.room < 5) continue;
    if (view.channel === undefined || !w.has(view.channel.ours)) continue;
    if (w.lawful || w.dice.chance(0.7)) finish(w, view);
  }
  // Nobody knows when a CHECK will be answered whose channel has no end.
  for (const view of w.sessions) if (isConnected(view) && view.checking) w.disconnect(view);
  for (const view of w.sessions)
    if (isUp(view) && view.pending > 0 && (w.lawful || w.dice.chance(0.7))) w.awaitAll(view);
}
