// A back-end as a process: answers every request with a u64 of 0, and does one more thing that its first argument names.
import { createServer } from 'node:net';

const [mode, path] = process.argv.slice(2);
let requests = 0;

const acts = {
  stays: () => {},
  ends: () => {},
  segv: () => requests === 2 && process.kill(process.pid, 'SIGSEGV'),
  exits: () => {
    if (requests !== 2) return;
    process.stderr.write('no more\n');
    process.exit(3);
  },
  stubborn: () => process.on('SIGTERM', () => {}),
  works: () =>
    setImmediate(() => {
      for (const end = Date.now() + 40; Date.now() < end; );
    }),
  spins: () =>
    setInterval(() => {
      for (const end = Date.now() + 20; Date.now() < end; );
    }, 1),
};

const server = createServer((socket) => {
  let pending = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 12 && pending.length >= 12 + pending.readUInt32LE(8)) {
      const reply = Buffer.alloc(20);
      reply.writeUInt32LE(pending.readUInt32LE(0), 0);
      reply.writeUInt32LE(5, 4);
      reply.writeUInt32LE(8, 8);
      pending = pending.subarray(12 + pending.readUInt32LE(8));
      requests++;
      if (mode === 'segv' || mode === 'exits') {
        acts[mode]();
        // Before the answer: a process that is about to go does not give one.
        if (requests >= 2) return;
      } else if (requests === 1) {
        acts[mode]();
      }
      socket.write(reply);
    }
  });
  socket.on('close', () => {
    if (mode === 'ends') process.exit(0);
  });
});
server.listen(path);
