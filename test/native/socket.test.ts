import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addon } from '../../native/addon.js';
import * as n from '../../native/index.js';
import {
  compiledNative,
  counting,
  expectNoDescriptorsLeft,
  failure,
  peerGone,
  runScript,
  temporaryDirectory,
} from './support.js';

expectNoDescriptorsLeft();
const folder = temporaryDirectory();
const compiled = compiledNative();

function closeAll(...descriptors: n.Descriptor[]): void {
  for (const descriptor of descriptors) descriptor.close();
}

describe('connecting', () => {
  test('listen, connect, accept, talk', () => {
    const path = join(folder, 'talk');
    const listener = n.Listener.listen(path, 'listener');
    expect(listener.accept('nobody')).toBeUndefined();
    const client = n.Socket.connect(path, 'client');
    const server = listener.accept('server')!;
    expect(listener.accept('nobody')).toBeUndefined();
    expect(client.send(counting(3))).toBe(3);
    expect(server.receive(100)).toEqual({ bytes: counting(3), descriptors: [], truncated: false, end: false });
    expect(server.receive(100)).toBeUndefined();
    closeAll(listener, client, server);
  });

  test('a path longer than a socket address works from both sides', () => {
    const deep = join(folder, ...Array.from({ length: 12 }, () => 'a-long-name-of-a-directory'));
    mkdirSync(deep, { recursive: true });
    const path = join(deep, 'socket');
    expect(path.length).toBeGreaterThan(200);
    const listener = n.Listener.listen(path, 'listener');
    const client = n.Socket.connect(path, 'client');
    const server = listener.accept('server')!;
    closeAll(listener, client, server);
  });

  test('a name that fits nowhere is an error', () => {
    const path = join(folder, 'x'.repeat(200));
    expect(failure(() => n.Socket.connect(path, 'client'))).toMatchObject({ code: 'ENAMETOOLONG' });
    expect(failure(() => n.Listener.listen(path, 'listener'))).toMatchObject({ code: 'ENAMETOOLONG' });
  });

  test('errors: nothing there, nobody listening, backlog full, address taken', () => {
    const path = join(folder, 'errors');
    expect(failure(() => n.Socket.connect(path, 'client'))).toEqual({
      code: 'ENOENT',
      call: 'connect',
      role: `client (${path})`,
    });
    const listener = n.Listener.listen(path, 'listener', 0);
    expect(failure(() => n.Listener.listen(path, 'second'))).toMatchObject({ code: 'EADDRINUSE', call: 'bind' });
    const clients: n.Socket[] = [];
    const full = failure(() => {
      for (let i = 0; i < 10; i++) clients.push(n.Socket.connect(path, `client ${i}`));
    });
    expect(full).toMatchObject({ code: 'EAGAIN', call: 'connect' });
    closeAll(listener, ...clients);
    expect(failure(() => n.Socket.connect(path, 'client'))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a listener is blocking until we accept ourselves, so that a child can have it', () => {
    const listener = n.Listener.listen(join(folder, 'mode'), 'listener');
    expect(listener.nonblock).toBe(false);
    listener.accept('nobody');
    expect(listener.nonblock).toBe(true);
    listener.close();
  });

  test('peer tells who is at the other end', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    expect(a.peer()).toEqual({ pid: process.pid, uid: process.getuid!(), gid: process.getgid!() });
    closeAll(a, b);
  });
});

describe('descriptors travel', () => {
  test.each([0, 1, 2, 15, 16, 17, 252, 253])('%i at once, in order', (count) => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const sent = [n.eventfd('0'), n.eventfd('1'), n.eventfd('2')];
    const list = Array.from({ length: count }, (_, i) => sent[i % 3]!);
    expect(a.send(counting(1), list)).toBe(1);
    const received = b.receive(10)!;
    expect(received.bytes).toEqual(counting(1));
    expect(received.truncated).toBe(false);
    expect(received.descriptors).toHaveLength(count);
    for (const [i, descriptor] of received.descriptors.entries()) {
      expect(descriptor.same(list[i]!)).toBe(true);
      expect(descriptor.role).toBe('received from b');
    }
    closeAll(a, b, ...sent, ...received.descriptors);
  });

  test('254 are refused, and none goes', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const event = n.eventfd('kick');
    const many = Array.from({ length: 254 }, () => event);
    expect(failure(() => a.send(counting(1), many))).toEqual({ code: 'EINVAL', call: 'sendmsg', role: 'a' });
    expect(b.receive(10)).toBeUndefined();
    closeAll(a, b, event);
  });

  test('without a byte they are refused, not dropped in silence', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const event = n.eventfd('kick');
    expect(failure(() => a.send(new Uint8Array(0), [event]))).toMatchObject({ code: 'EINVAL', role: 'a' });
    expect(a.send(new Uint8Array(0))).toBe(0);
    closeAll(a, b, event);
  });

  test('they arrive close-on-exec', () => {
    const script = `
      import { spawnSync } from 'node:child_process';
      const [a, b] = n.Socket.pair(['a', 'b']);
      const made = [n.eventfd('e'), n.memfd('m'), ...Object.values(n.pipe('p')), n.openDirectory('/', 'd'), a.dup('x')];
      a.send(new Uint8Array(1), made);
      const all = [a, b, ...made, ...b.receive(1).descriptors];
      // A child started without any of the care that Node takes of other numbers: those that ls sees are inherited.
      const seen = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.split('\\n').map(Number);
      console.log(all.length, all.filter((d) => seen.includes(d.fd) && d.fd > 3).length);`;
    expect(runScript(compiled, script)).toBe('14 0');
  });

  test('they end one receive: bytes after them come with the next', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const event = n.eventfd('kick');
    a.send(Uint8Array.of(1), [event]);
    a.send(Uint8Array.of(2), [event]);
    const first = b.receive(100)!;
    const second = b.receive(100)!;
    expect([first.bytes, second.bytes]).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    expect([first.descriptors.length, second.descriptors.length]).toEqual([1, 1]);
    closeAll(a, b, event, ...first.descriptors, ...second.descriptors);
  });

  test('a plain read discards them without leaking', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const { r, w } = n.pipe('pipe');
    a.send(counting(4), [w]);
    w.close();
    expect(b.read(10)).toEqual(counting(4));
    expect(peerGone(r)).toBe(true); // No copy of the writing end is left.
    expect(r.read(1)).toBe('end');
    closeAll(a, b, r);
  });

  test('more than this process has numbers for: those that came are handed over, the rest is reported and closed', () => {
    const script = `
      const [a, b] = n.Socket.pair(['a', 'b']);
      const { r, w } = n.pipe('p');
      const events = [];
      const filling = [];
      a.send(new Uint8Array(5), Array.from({ length: 200 }, () => w));
      w.close();
      try { for (;;) filling.push(n.eventfd('filling')); } catch (error) { console.log(error.code); }
      for (let i = 0; i < 7; i++) filling.pop().close();
      const got = b.receive(100);
      console.log(got.bytes.length, got.descriptors.length, got.truncated, got.end);
      console.log(n.unclosed().length === 3 + filling.length + 7);
      for (const d of got.descriptors) d.close();
      console.log(r.read(1));`;
    expect(runScript(compiled, script, [], ['prlimit', '--nofile=100'])).toBe('EMFILE\n5 7 true false\ntrue\nend');
  });

  test('when even the first has no number, nothing leaks', () => {
    const script = `
      const [a, b] = n.Socket.pair(['a', 'b']);
      const { r, w } = n.pipe('p');
      a.send(new Uint8Array(5), [w, w]);
      w.close();
      const filling = [];
      try { for (;;) filling.push(n.eventfd('filling')); } catch {}
      const got = b.receive(100);
      console.log(got.bytes.length, got.descriptors.length, got.truncated);
      console.log(r.read(1));`;
    expect(runScript(compiled, script, [], ['prlimit', '--nofile=100'])).toBe('5 0 true\nend');
  });

  test('a receiver with room for fewer closes the rest', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    const { r, w } = n.pipe('p');
    a.send(counting(1), [w, w, w]);
    w.close();
    const out = new Int32Array(2 + 1);
    expect(addon.receive(b.fd, new Uint8Array(10), 10, out)).toBe(1);
    expect([out[0], out[1]]).toEqual([1, 1]);
    addon.close(out[2]!);
    expect(peerGone(r)).toBe(true);
    expect(r.read(1)).toBe('end');
    closeAll(a, b, r);
  });
});

describe('ends', () => {
  test('a closed peer is the end for reading and EPIPE for writing, without SIGPIPE', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    a.send(counting(2));
    a.close();
    expect(peerGone(b)).toBe(true);
    expect(b.receive(10)!.bytes).toEqual(counting(2));
    expect(b.receive(10)).toEqual({ bytes: new Uint8Array(0), descriptors: [], truncated: false, end: true });
    expect(b.read(10)).toBe('end');
    expect(failure(() => b.send(counting(1)))).toMatchObject({ code: 'EPIPE', call: 'sendmsg', role: 'b' });
    expect(failure(() => b.write(counting(1)))).toMatchObject({ code: 'EPIPE', call: 'send', role: 'b' });
    b.close();
  });

  test('a peer that closes with bytes unread is a reset', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    a.send(counting(2));
    b.close();
    expect(peerGone(a)).toBe(true);
    expect(failure(() => a.receive(10))).toMatchObject({ code: 'ECONNRESET', call: 'recvmsg', role: 'a' });
    a.close();
  });

  test.each(['read', 'write', 'both'] as const)('shutdown of %s', (how) => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    a.shutdown(how);
    const stopped = (d: n.Socket) => {
      try {
        return d.send(counting(1)) === 0;
      } catch (error) {
        return (error as n.NativeError).code === 'EPIPE';
      }
    };
    expect(stopped(a)).toBe(how !== 'read');
    expect(stopped(b)).toBe(how !== 'write');
    expect(n.readyNow(b, 'hangup')).toBe(how !== 'read');
    closeAll(a, b);
  });

  test('what the peer has not taken yet is unread, also when it took a part or only looked', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    expect(a.unread).toBe(false);
    a.send(counting(10));
    expect(a.unread).toBe(true);
    b.receive(4);
    expect(a.unread).toBe(true);
    b.receive(6);
    expect(a.unread).toBe(false);
    closeAll(a, b);
  });

  test('a full socket takes nothing and does not block, in blocking mode', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    expect(a.nonblock).toBe(false);
    a.setBuffer(4096);
    let taken = 0;
    for (let i = 0; i < 1000; i++) taken += a.send(counting(1000));
    expect(a.send(counting(1))).toBe(0);
    expect(a.write(counting(1))).toBe(0);
    let got = 0;
    for (let part = b.receive(100_000); part !== undefined; part = b.receive(100_000)) got += part.bytes.length;
    expect(got).toBe(taken);
    closeAll(a, b);
  });

  test('reading nothing is refused, because it would look like the end', () => {
    const [a, b] = n.Socket.pair(['a', 'b']);
    for (const max of [0, -1, Number.NaN, 0.5]) {
      expect(() => a.receive(max)).toThrow(RangeError);
      expect(() => a.read(max)).toThrow(RangeError);
    }
    b.send(counting(3));
    expect(a.receive(2 ** 40)!.bytes).toEqual(counting(3));
    closeAll(a, b);
  });
});
