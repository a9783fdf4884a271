/** Reads apt's own source lists, only to learn which mirror this machine uses. */

/** One archive that apt knows. */
export interface Source {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/** Parse a `.list` file (one line a source) or a `.sources` file (paragraphs of fields). Only enabled binary sources. */
export function parseSources(text: string, style: 'list' | 'sources'): Source[] {
  return style === 'list' ? parseLines(text) : parseParagraphs(text);
}

function parseLines(text: string): Source[] {
  const found: Source[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line);
    if (match) found.push({ uri: match[1]!, suite: match[2]!, components: words(match[3]!) });
  }
  return found;
}

function parseParagraphs(text: string): Source[] {
  const found: Source[] = [];
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  for (const paragraph of lines.join('\n').split(/\n\s*\n/)) {
    const fields = new Map<string, string>();
    // A line that begins with a blank continues the field before it.
    for (const field of paragraph.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = field.indexOf(':');
      if (colon > 0) fields.set(field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1));
    }
    const all = (name: string) => words(fields.get(name) ?? '');
    if (
      !all('types').includes('deb') ||
      /^(no|false|without|off|disable|0)$/i.test(fields.get('enabled')?.trim() ?? '')
    )
      continue;
    for (const uri of all('uris'))
      for (const suite of all('suites')) found.push({ uri, suite, components: all('components') });
  }
  return found;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** What everybody has where nothing else is set. */
export const DEFAULT_MIRROR = 'http://deb.debian.org/debian';

const debianSuites = /^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)$/;

/**
 * The mirror of the main Debian archive among the sources of this machine: the first that carries a Debian release. One
 * that carries updates or security fixes alone does not have the packages we want.
 */
export function chooseMirror(sources: readonly Source[]): string {
  const main = sources.find(
    ({ uri, suite, components }) =>
      debianSuites.test(suite) && components.includes('main') && !uri.startsWith('cdrom:') && !/security/.test(uri),
  );
  return main?.uri ?? DEFAULT_MIRROR;
}
