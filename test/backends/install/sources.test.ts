import { expect, test } from 'vitest';
import { chooseMirror, DEFAULT_MIRROR, parseSources } from '../../../backends/install/sources.js';

test('lines: options, comments, source packages', () => {
  const text = [
    '# deb http://no.example/debian sid main',
    'deb-src http://src.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian bookworm main contrib # why',
    '  deb http://two.example/debian\tbookworm-updates\tmain',
    '',
  ].join('\n');
  expect(parseSources(text, 'list')).toEqual([
    { uri: 'http://one.example/debian', suite: 'bookworm', components: ['main', 'contrib'] },
    { uri: 'http://two.example/debian', suite: 'bookworm-updates', components: ['main'] },
  ]);
});

test('paragraphs: several suites, continued fields, comments between, disabled ones, field names in any case', () => {
  const text = [
    'Types: deb deb-src',
    '# a comment inside',
    'URIs: http://one.example/debian',
    'suites: bookworm',
    ' bookworm-updates',
    'Components: main',
    '',
    'Types: deb',
    'URIs: http://off.example/debian',
    'Suites: sid',
    'Components: main',
    'Enabled: no',
    '   ',
    'Types: deb-src',
    'URIs: http://src.example/debian',
    'Suites: sid',
    'Components: main',
  ].join('\n');
  expect(parseSources(text, 'sources')).toEqual([
    { uri: 'http://one.example/debian', suite: 'bookworm', components: ['main'] },
    { uri: 'http://one.example/debian', suite: 'bookworm-updates', components: ['main'] },
  ]);
});

const source = (uri: string, suite: string, components = ['main']) => ({ uri, suite, components });

test('the mirror is the first with a Debian release and its main component', () => {
  expect(
    chooseMirror([
      source('cdrom:[Debian]/', 'bookworm'),
      source('http://other.example/apt', 'nodistro'),
      source('http://security.example/debian-security', 'bookworm'),
      source('http://updates.example/debian', 'bookworm-updates'),
      source('http://contrib.example/debian', 'bookworm', ['contrib']),
      source('mirror+file:/etc/apt/mirrors/debian.list', 'bookworm'),
      source('http://late.example/debian', 'sid'),
    ]),
  ).toBe('mirror+file:/etc/apt/mirrors/debian.list');
});

test("another distribution's mirror has not got it", () => {
  expect(chooseMirror([source('http://archive.example/ubuntu', 'noble')])).toBe(DEFAULT_MIRROR);
});
