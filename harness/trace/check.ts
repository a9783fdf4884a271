import { messages, Value64Error, WireError } from '../../model/wire/index.js';
import { encodeStep, requestNumber } from '../encode.js';
import { objectOf, twoEnds } from '../ledger.js';
import { limits } from '../limits.js';
import type { MessageStep, OpenStep, Step, Trace, WriteStep } from './step.js';
import { didYouMean } from './suggest.js';

/** Something wrong with a trace. */
export interface Problem {
  /** Index of the step. */
  readonly step: number;
  /** The argument that is wrong, where it is one. */
  readonly argument?: string;
  readonly message: string;
}

const max = limits.file;

/** What is wrong with a trace beyond the shapes of its steps: the first thing that is, in the order of the steps. */
export function checkTrace(trace: Trace): Problem | undefined {
  const checker = new Checker();
  for (const [index, step] of trace.entries()) {
    const found = checker.check(step);
    if (found !== undefined) return { step: index, ...found };
  }
  return undefined;
}

type Found = Omit<Problem, 'step'> | undefined;

const wrong = (message: string, argument?: string): Found => ({
  message,
  ...(argument === undefined ? {} : { argument }),
});

class Checker {
  readonly #objects = new Map<string, OpenStep>();
  readonly #sessions = new Set(['a']);
  readonly #states = new Set<string>();
  #lingered = 0;
  #written = 0;
  #objectBytes = 0;

  check(step: Step): Found {
    switch (step.do) {
      case 'call':
      case 'send':
        return this.#session(step.on) ?? this.#message(step);
      case 'await':
        return this.#session(step.on);
      case 'disconnect':
      case 'connect':
        return this.#session(step.on, step.do);
      case 'start':
        return this.#start(step.session);
      case 'open':
        return this.#open(step);
      case 'close':
        return this.#objects.has(step.name) ? undefined : this.#end(step.name, 'close');
      case 'write':
        return this.#end(step.name, 'write') ?? this.#write(step);
      case 'read':
        if (step.into !== undefined) this.#states.add(step.into);
        return this.#end(step.name, 'read');
      case 'shutdown':
      case 'rewind':
      case 'kick':
        return this.#end(step.name, step.do);
      case 'linger':
        this.#lingered += step.ms;
        return this.#lingered > max.lingerMs
          ? wrong(`expected at most ${max.lingerMs} ms of lingering in all`)
          : undefined;
    }
  }

  #session(on: string | undefined, argument = 'on'): Found {
    if (on === undefined || this.#sessions.has(on)) return undefined;
    return wrong(`session ${on} was not started${didYouMean(on, this.#sessions)}`, argument);
  }

  #start(name: string): Found {
    if (this.#sessions.has(name)) return wrong(`session ${name} is there already`, 'start');
    this.#sessions.add(name);
    return this.#sessions.size > max.sessions ? wrong(`expected at most ${max.sessions} sessions`, 'start') : undefined;
  }

  #message(step: MessageStep): Found {
    if (requestNumber(step.message) === undefined) {
      const word = String(step.message);
      const meant = didYouMean(word.replace(/^VHOST_USER_/, ''), Object.keys(messages));
      return wrong(`unknown message ${word}${meant}`, step.do);
    }
    for (const name of step.fds ?? []) {
      const problem = this.#end(name, 'fds');
      if (problem !== undefined) return problem;
    }
    const problem = step.channel === undefined ? undefined : this.#end(step.channel, 'channel');
    if (problem !== undefined) return problem;
    const cut = step.cut ?? [];
    if (cut.some((offset, i) => i > 0 && offset <= cut[i - 1]!))
      return wrong('expected offsets in ascending order', 'cut');
    try {
      encodeStep(step, { features: 0n, protocol: 0n });
      return undefined;
    } catch (error) {
      if (!(error instanceof WireError || error instanceof Value64Error)) throw error;
      return wrong(error instanceof WireError ? error.reason : error.message, step.raw === undefined ? 'with' : 'raw');
    }
  }

  #open(step: OpenStep): Found {
    const { name, kind, size, nonblock } = step;
    if (this.#objects.has(name)) return wrong(`${name} was opened before`, 'open');
    this.#objects.set(name, step);
    if (this.#objects.size > max.objects) return wrong(`expected at most ${max.objects} objects`, 'open');
    if (nonblock !== undefined && nonblock !== 'both' && !endsOf(kind).includes(nonblock)) {
      return wrong(`a ${kind} has no end ${nonblock}`, 'nonblock');
    }
    if (size === undefined) return undefined;
    const most = kind === 'pipe' ? max.pipeBytes : kind === 'memfd' || kind === 'file' ? max.objectBytes : undefined;
    if (most === undefined) return wrong(`a ${kind} has no size`, 'size');
    if (size > most) return wrong(`expected at most ${most} bytes for a ${kind}`, 'size');
    this.#objectBytes += size;
    if (this.#objectBytes > max.allObjectBytes)
      return wrong(`expected at most ${max.allObjectBytes} bytes in all objects`, 'size');
    return undefined;
  }

  /** The name must be that of one end of an object that is there. */
  #end(name: string, argument: string): Found {
    const object = objectOf(name);
    const opened = this.#objects.get(object);
    if (opened === undefined)
      return wrong(`${object} was not opened before${didYouMean(object, this.#objects.keys())}`, argument);
    const ends = endsOf(opened.kind);
    const letter = name.slice(object.length + 1);
    if (ends.length === 0) {
      return letter === '' ? undefined : wrong(`${object} is a ${opened.kind}: it has no end ${letter}`, argument);
    }
    if (ends.includes(letter)) return undefined;
    return wrong(
      `expected ${ends.map((end) => `${object}.${end}`).join(' or ')}: ${object} is a ${opened.kind}`,
      argument,
    );
  }

  #write({ state, hex, pattern }: WriteStep): Found {
    const given = [state, hex, pattern].filter((source) => source !== undefined).length;
    if (given !== 1) return wrong('expected exactly one of state, hex and pattern');
    if (state !== undefined && !this.#states.has(state)) {
      return wrong(`no read step before this one stored ${state}${didYouMean(state, this.#states)}`, 'state');
    }
    this.#written += pattern ?? (hex === undefined ? 0 : hex.length / 2);
    return this.#written > max.writeBytes
      ? wrong(`expected at most ${max.writeBytes} bytes written in all`)
      : undefined;
  }
}

function endsOf(kind: OpenStep['kind']): readonly string[] {
  return kind in twoEnds ? twoEnds[kind as keyof typeof twoEnds] : [];
}
