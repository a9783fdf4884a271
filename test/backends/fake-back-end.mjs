// A back-end for tests of how back-ends are started and ended. It answers every message with GET_FEATURES' number 7.
//   --socket-path=PATH  listen here          --delay=MS   begin to listen later
//   --never             never listen         --exit=N     end at once with this status
//   --say=TEXT          to standard error    --deaf       ignore SIGTERM
//   --once              end with the first connection
//   --child=FILE        start a process that ignores SIGTERM, write its number to FILE
//   --touch=DIRECTORY   put a file into it
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const options = Object.fromEntries(process.argv.slice(2).map((word) => word.slice(2).split(/=(.*)/s)));
if (options.say) process.stderr.write(`${options.say}\n`);
if (options.exit) process.exit(Number(options.exit));
if ('deaf' in options) process.on('SIGTERM', () => {});
if (options.touch) writeFileSync(join(options.touch, `touched-${process.pid}`), '');
if (options.child) {
  const child = spawn('sh', ['-c', "trap '' TERM; while :; do read -r line < /dev/zero; done"], { stdio: 'ignore' });
  writeFileSync(options.child, String(child.pid));
}

const server = createServer((socket) => {
  socket.on('data', () => {
    const reply = Buffer.alloc(20);
    reply.writeUInt32LE(1, 0);
    reply.writeUInt32LE(5, 4);
    reply.writeUInt32LE(8, 8);
    reply.writeBigUInt64LE(7n, 12);
    socket.write(reply);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if ('once' in options) process.exit(0);
  });
});
if (!('never' in options)) setTimeout(() => server.listen(options['socket-path']), Number(options.delay ?? 0));
setInterval(() => {}, 60_000);
