import { expect, test } from 'vitest';
import { serve } from '../../../backends/reference/index.js';
import { Socket, unclosed } from '../../../native/index.js';
import { FrontEnd, load, save } from './front-end.js';

test('a device moves from one back-end to another', async () => {
  const before = unclosed().length;
  const [a, b] = Socket.pair(['fe', 'be']);
  const service = serve(b);
  const fe = new FrontEnd(a);
  expect(await fe.number(1)).toBe(0x1_7400_0000n);
  await fe.negotiate();
  const saved = await save(fe);
  expect(saved.set).toBe(0x100n);
  expect(saved.check).toBe(0n);
  expect(saved.bytes.length).toBeGreaterThan(192 * 1024);
  const [a2, b2] = Socket.pair(['fe', 'be']);
  const service2 = serve(b2);
  const fe2 = new FrontEnd(a2);
  await fe2.negotiate();
  expect(await load(fe2, saved.bytes)).toEqual({ set: 0x100n, check: 0n });
  expect(Buffer.compare((await save(fe2)).bytes, saved.bytes)).toBe(0);
  fe.close();
  fe2.close();
  await service.done;
  await service2.done;
  expect(unclosed().length).toBe(before);
});
