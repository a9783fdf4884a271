/** Payload fields as a trace writes them, made into what an encoder takes. */
import { WireError } from './error.js';
import type { FieldInput, FieldInputs, Layout } from './layout.js';
import { layouts, type PayloadKind } from './payload.js';
import { parseValue64 } from './value64.js';

/** Numbers and texts (see `parseValue64`; bytes are hexadecimal text), and lists of the same. */
export type TextFields = { readonly [name: string]: number | string | readonly TextFields[] };

/** Bytes from hexadecimal text; spaces may stand between bytes. @throws WireError */
export function parseHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw new WireError(`"${text}" is not hexadecimal, two digits a byte`, 0);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes as hexadecimal text. */
export const formatHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function resolveLayout(of: Layout, fields: TextFields, offered: bigint | undefined): FieldInputs {
  const out: Record<string, FieldInput> = {};
  for (const [name, value] of Object.entries(fields)) {
    const part = of.shape[name];
    if (Array.isArray(value)) {
      if (part?.type !== 'list') throw new WireError(`${name} takes no list`, 0);
      out[name] = (value as readonly TextFields[]).map((element) => resolveLayout(part.element, element, offered));
    } else if (part?.type === 'bytes') {
      // Hexadecimal digits without quotes are a number to YAML, and have lost their leading zeros.
      if (typeof value !== 'string') throw new WireError(`${name} takes hexadecimal text, in quotes`, 0);
      out[name] = parseHex(value);
    }
    // A wrong name or type is the encoder's to refuse: it says which names there are.
    else out[name] = parseValue64(value as number | string, offered);
  }
  return out;
}

/** Make the fields of a trace's message into what `encodeFields` takes. @param offered what the back-end offered last.
 * @throws WireError, Value64Error */
export function resolveFields(kind: PayloadKind, fields: TextFields, offered?: bigint): FieldInputs {
  return resolveLayout(layouts[kind], fields, offered);
}
