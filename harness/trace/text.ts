/** How texts are written so that YAML reads them back as they are. */

/** Words that YAML 1.2 (core schema) or readers of YAML 1.1 take for something else. */
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** Safe inside `{…}` and `[…]` as well. */
const FLOW = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
/** Values that are usual in traces: `50%`, `-25%`, `offered & ~0x8`, versions of at least three numbers. */
const USUAL =
  /^(?:-?[0-9]+(?:\.[0-9]+)?%|offered(?: & ~?(?:0x[0-9a-f]+|[0-9]+))?|[0-9]+(?:\.[0-9]+){2,}(?:[.+~-][A-Za-z0-9.+~-]*)?)$/;
/** Safe behind a key at the beginning of a line. */
const BLOCK = /^[A-Za-z_][A-Za-z0-9_ .,()/'+=&@-]*$/;
/** Characters that YAML does not allow as they are, or that some readers take for a line's end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/;

/** Anything that could not be shown on a terminal as it is; line feeds and tabs can. */
export const hasControlCharacters = (text: string): boolean =>
  UNPRINTABLE.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''));

/** A text of unknown origin as part of an error message. */
export const shown = (text: string): string => text.replace(new RegExp(UNPRINTABLE, 'g'), '?');

/** A text as a value inside `{…}` or `[…]`. */
export function flowText(text: string): string {
  return (FLOW.test(text) && !RESERVED.test(text)) || USUAL.test(text) ? text : quoted(text);
}

/** A text as an item of a list in lines of its own. */
export function itemText(text: string): string {
  return BLOCK.test(text) && !RESERVED.test(text) && !text.endsWith(' ') ? text : quoted(text);
}

/** A text as the value of a key of the header: plain, quoted, or several indented lines. */
export function blockText(text: string): string {
  const lines = text.split('\n');
  const simple = lines.length > 1 && lines[0] !== '' && lines.at(-1) !== '' && !hasControlCharacters(text);
  if (!simple || lines.some((line) => /^[ \t]|[ \t]$/.test(line))) return itemText(text);
  return `|-\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}`;
}

/** A text in double quotes. JSON's escapes are YAML's, but JSON leaves more characters as they are. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(new RegExp(UNPRINTABLE, 'g'), (character, index: number, whole: string) =>
    isPaired(whole, index) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Part of a surrogate pair, which is an ordinary character. JSON.stringify has escaped the others. */
function isPaired(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code <= 0xdfff;
}
