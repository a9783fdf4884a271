import fc from 'fast-check';
import {
  type FieldInput,
  type FieldInputs,
  type Layout,
  layouts,
  type PayloadKind,
} from '../../../model/wire/index.js';

/** Any fields that a layout can carry. Byte runs whose length another field holds are kept short. */
export function fieldsOf(of: Layout): fc.Arbitrary<FieldInputs> {
  const shape = Object.entries(of.shape);
  const lengths = new Set(
    shape.flatMap(([, p]) => (p.type === 'bytes' && typeof p.length === 'string' ? [p.length] : [])),
  );
  const parts: Record<string, fc.Arbitrary<FieldInput>> = {};
  for (const [name, part] of shape) {
    if (part.type === 'uint' && lengths.has(name)) continue;
    if (part.type === 'uint')
      parts[name] =
        part.width === 8 ? fc.bigInt(0n, 2n ** 64n - 1n) : fc.integer({ min: 0, max: 2 ** (8 * part.width) - 1 });
    if (part.type === 'bytes')
      parts[name] = fc.uint8Array(
        typeof part.length === 'number' ? { minLength: part.length, maxLength: part.length } : { maxLength: 300 },
      );
    if (part.type === 'list') parts[name] = fc.array(fieldsOf(part.element), { maxLength: part.max });
  }
  return fc.record(parts).map((fields) => {
    const out: Record<string, FieldInput> = { ...fields };
    for (const [name, part] of shape)
      if (part.type === 'bytes' && typeof part.length === 'string' && part.length !== '')
        out[part.length] = (fields[name] as Uint8Array).length;
    return out;
  });
}

/** All kinds of payload. */
export const kinds = Object.keys(layouts) as PayloadKind[];
