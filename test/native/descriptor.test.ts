import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addon } from '../../native/addon.js';
import * as n from '../../native/index.js';
import {
  compiledNative,
  counting,
  expectNoDescriptorsLeft,
  failure,
  runScript,
  temporaryDirectory,
} from './support.js';

expectNoDescriptorsLeft();
const folder = temporaryDirectory();
const compiled = compiledNative();

describe('lifetime', () => {
  test('every use after close throws EBADF with the role', () => {
    const [socket, other] = n.Socket.pair(['left', 'right']);
    const event = n.eventfd('kick');
    socket.close();
    event.close();
    expect(socket.closed).toBe(true);
    const uses: [n.Descriptor, () => unknown][] = [
      [socket, () => socket.fd],
      [socket, () => socket.read(1)],
      [socket, () => socket.write(counting(1))],
      [socket, () => socket.send(counting(1))],
      [socket, () => socket.receive(1)],
      [socket, () => socket.shutdown('both')],
      [socket, () => socket.peer()],
      [socket, () => socket.stat()],
      [socket, () => socket.identity()],
      [socket, () => socket.nonblock],
      [socket, () => socket.access],
      [socket, () => socket.dup('copy')],
      [socket, () => socket.release()],
      [socket, () => n.Socket.from(socket)],
      [socket, () => socket.pending()],
      [socket, () => socket.rewind()],
      [socket, () => n.readyNow(socket, 'readable')],
      [event, () => event.signal()],
      [event, () => event.take()],
    ];
    for (const [descriptor, use] of uses) {
      expect(failure(use), use.toString()).toMatchObject({ code: 'EBADF', role: descriptor.role });
    }
    expect(failure(() => other.send(counting(1), [socket]))).toMatchObject({ code: 'EBADF', role: 'left' });
    other.close();
  });

  test('closing twice throws', () => {
    const event = n.eventfd('kick');
    event.close();
    expect(failure(() => event.close())).toEqual({ code: 'EBADF', call: 'close', role: 'kick' });
  });

  test('an error names code, call and role in its message', () => {
    const event = n.eventfd('kick0');
    event.close();
    expect(() => event.close()).toThrow('close on kick0: closed twice (EBADF)');
    expect(() => n.openFile(join(folder, 'nothing'), 'state file', 'r')).toThrow(
      `open on state file (${join(folder, 'nothing')}): No such file or directory (ENOENT)`,
    );
  });

  // In a process of its own: here another thread may take a free number first.
  test('a number that was closed behind our back and reused is not closed', () => {
    const script = `
      import { closeSync, fstatSync, openSync } from 'node:fs';
      const first = n.eventfd('first');
      const number = first.fd;
      closeSync(number);
      const strange = openSync('/', 'r');
      try { first.close(); } catch (error) { console.log(error.code, error.role); }
      console.log(strange === number, first.closed, fstatSync(strange).isDirectory());`;
    expect(runScript(compiled, script)).toBe('EBADF first\ntrue true true');
  });

  test('a number that was closed behind our back and came back to us belongs to the new wrapper', () => {
    const script = `
      import { closeSync } from 'node:fs';
      const [first, other] = n.Socket.pair(['first', 'other']);
      const wait = n.waitFor(first, 'readable', Infinity);
      const number = first.fd;
      closeSync(number);
      const second = n.eventfd('second');
      console.log(second.fd === number, first.closed, second.signal(3n), n.unclosed().length);
      // That the process ends shows, too, that nothing waits for the lost one any more.
      try { first.close(); } catch (error) { console.log(error.code, error.role); }
      console.log(second.take(), await wait);`;
    expect(runScript(compiled, script)).toBe('true true true 2\nEBADF first\n3n true');
  });

  test('adopting a number that is owned already, or not open, is refused', () => {
    const event = n.eventfd('kick');
    expect(failure(() => n.Descriptor.adopt(event.fd, 'again'))).toMatchObject({ code: 'EBUSY', role: 'again' });
    expect(event.closed).toBe(false);
    event.close();
    expect(failure(() => n.Descriptor.adopt(1 << 20, 'gone'))).toMatchObject({ code: 'EBADF', role: 'gone' });
  });

  test('an adopted number is of the class asked for, and close-on-exec', () => {
    const script = `
      import { spawnSync } from 'node:child_process';
      const adopted = n.EventFd.adopt(3, 'inherited');
      const inherited = spawnSync('test', ['-e', '/proc/self/fd/3']).status === 0;
      console.log(adopted instanceof n.EventFd, adopted.take(), inherited);`;
    const event = n.eventfd('given');
    event.signal(5n);
    expect(runScript(compiled, script, [], [], [event.fd])).toBe('true 5n false');
    event.close();
  });

  test('from gives another kind of wrapper and ends the old one', () => {
    const event = n.eventfd('kick');
    const plain = event.dup('copy') as n.Descriptor;
    const again = n.EventFd.from(plain);
    expect(plain.closed).toBe(true);
    expect(again.role).toBe('copy');
    event.signal(7n);
    expect(again.take()).toBe(7n);
    event.close();
    again.close();
  });

  test('the addon refuses numbers that it does not own', () => {
    for (const call of [
      () => addon.close(0),
      () => addon.read(0, new Uint8Array(1), 1),
      () => addon.write(1, new Uint8Array(1)),
      () => addon.dup(2),
      () => addon.close(-1),
      () => addon.close(1 << 20),
    ]) {
      expect(failure(call), call.toString()).toMatchObject({ code: 'EBADF' });
    }
  });

  test('the addon throws on arguments of a wrong type', () => {
    const event = n.eventfd('kick');
    const wrong = addon as unknown as Record<string, (...args: unknown[]) => unknown>;
    expect(() => wrong.close!()).toThrow();
    expect(() => wrong.close!('3')).toThrow();
    expect(() => wrong.write!(event.fd)).toThrow();
    expect(() => wrong.write!(event.fd, 'text')).toThrow();
    expect(() => wrong.read!(event.fd, {}, 5)).toThrow();
    expect(() => wrong.signal!(event.fd, 1)).toThrow();
    expect(() => wrong.connect!(5)).toThrow();
    expect(() => wrong.map!(event.fd)).toThrow();
    event.close();
  });
});

describe('facts', () => {
  test('kinds', () => {
    const { r, w } = n.pipe('pipe');
    const [a, b] = n.Socket.pair(['a', 'b']);
    const all: [n.Descriptor, string][] = [
      [r, 'fifo'],
      [w, 'fifo'],
      [a, 'socket'],
      [b, 'socket'],
      [n.memfd('mem', 10), 'memfd'],
      [n.openFile(join(folder, 'kind'), 'file', 'create'), 'file'],
      [n.openDirectory(folder, 'directory'), 'directory'],
      [n.openFile('/dev/null', 'null', 'rw'), 'char'],
      [n.eventfd('event'), 'eventfd'],
      [n.watchExit(process.pid), 'other'],
    ];
    for (const [descriptor, kind] of all) {
      expect(descriptor.stat().kind, descriptor.role).toBe(kind);
      descriptor.close();
    }
  });

  test('size, inode and device', () => {
    const file = n.openFile(join(folder, 'size'), 'file', 'create');
    file.write(counting(1000));
    const again = n.openFile(join(folder, 'size'), 'file', 'r');
    expect(again.stat().size).toBe(1000n);
    expect(again.stat().ino).toBe(file.stat().ino);
    expect(again.stat().dev).toBe(file.stat().dev);
    file.resize(10);
    expect(again.stat().size).toBe(10n);
    file.close();
    again.close();
  });

  test('access modes', () => {
    const { r, w } = n.pipe('pipe');
    const m = n.memfd('mem');
    expect([r.access, w.access, m.access]).toEqual(['read', 'write', 'both']);
    for (const d of [r, w, m]) d.close();
  });

  test('non-blocking mode belongs to all copies', () => {
    const { r, w } = n.pipe('pipe');
    const copy = r.dup('copy');
    expect([r.nonblock, copy.nonblock, w.nonblock]).toEqual([false, false, false]);
    copy.nonblock = true;
    expect([r.nonblock, copy.nonblock, w.nonblock]).toEqual([true, true, false]);
    r.nonblock = false;
    expect(copy.nonblock).toBe(false);
    for (const d of [r, w, copy]) d.close();
  });

  test.each(['kcmp', 'F_DUPFD_QUERY', 'probe by the signal setting'].map((name, method) => ({ name, method })))(
    'one open file description or two, by $name',
    ({ method }) => {
      writeFileSync(join(folder, 'same'), '');
      const one = n.openFile(join(folder, 'same'), 'one', 'rw');
      const copy = one.dup('copy');
      const two = n.openFile(join(folder, 'same'), 'two', 'rw');
      const { r, w } = n.pipe('pipe');
      const [a, b] = n.Socket.pair(['a', 'b']);
      a.send(counting(1), [w]);
      const [travelled] = b.receive(1)!.descriptors;
      const same = (x: n.Descriptor, y: n.Descriptor) => addon.same(x.fd, y.fd, method);
      expect(same(one, one)).toBe(true);
      expect(same(one, copy)).toBe(true);
      expect(same(copy, one)).toBe(true);
      expect(same(one, two)).toBe(false);
      expect(same(r, w)).toBe(false);
      expect(same(a, b)).toBe(false);
      expect(same(w, travelled!)).toBe(true);
      expect(same(w, travelled!)).toBe(true); // The probe leaves no trace behind.
      for (const d of [one, copy, two, r, w, a, b, travelled!]) d.close();
    },
  );

  test('rewind moves the position of all copies; a pipe has none', () => {
    const file = n.memfd('mem');
    const copy = file.dup('copy');
    file.write(counting(5));
    expect(copy.read(10)).toBe('end');
    copy.rewind();
    expect(file.read(10)).toEqual(counting(5));
    const { r, w } = n.pipe('pipe');
    expect(failure(() => r.rewind())).toMatchObject({ code: 'ESPIPE', role: 'pipe.r' });
    for (const d of [file, copy, r, w]) d.close();
  });

  test('pending counts what is to be read', () => {
    const { r, w } = n.pipe('pipe');
    expect(r.pending()).toBe(0);
    w.write(counting(300));
    expect(r.pending()).toBe(300);
    for (const d of [r, w]) d.close();
  });

  test('unclosed lists what is open, oldest first', () => {
    const event = n.eventfd('kick');
    const [a, b] = n.Socket.pair(['left', 'right']);
    expect(n.unclosed()).toEqual([
      { role: 'kick', kind: 'eventfd' },
      { role: 'left', kind: 'socket' },
      { role: 'right', kind: 'socket' },
    ]);
    for (const d of [event, a, b]) d.close();
    expect(n.unclosed()).toEqual([]);
  });
});

describe('identity', () => {
  test('copies have one, other objects have others', () => {
    const { r, w } = n.pipe('pipe');
    const [a, b] = n.Socket.pair(['a', 'b']);
    const second = n.pipe('second');
    second.w.close();
    const objects: n.Descriptor[] = [
      w,
      a,
      b,
      second.r,
      n.eventfd('one'),
      n.eventfd('two'),
      n.memfd('one', 5),
      n.memfd('two', 5),
      n.openFile(join(folder, 'x'), 'x', 'create'),
      n.openFile(join(folder, 'y'), 'y', 'create'),
      n.openDirectory(folder, 'directory'),
    ];
    const identities = objects.map((object) => object.identity());
    expect(new Set(identities).size).toBe(objects.length);
    for (const [i, object] of objects.entries()) {
      const copy = object.dup('copy');
      expect(copy.identity()).toBe(identities[i]);
      copy.close();
    }
    expect(r.identity()).toBe(w.identity());
    for (const d of [r, ...objects]) d.close();
  });

  test('is what the facts of a process show for the same object', () => {
    const { r, w } = n.pipe('pipe');
    const objects: n.Descriptor[] = [r, w, n.eventfd('one'), n.memfd('one', 5), n.openDirectory(folder, 'directory')];
    const listed = n.processFacts(process.pid)!.descriptors;
    for (const object of objects) {
      const entry = listed.find(({ fd }) => fd === object.fd)!;
      expect(entry.identity, object.role).toBe(object.identity());
      expect(entry.access, object.role).toBe(object.access);
    }
    for (const d of objects) d.close();
  });
});
