import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installBackends, listBackends, UserError } from '../../../backends/index.js';
import { temporaryDirectory } from '../support.js';

/** Programs with the names of apt's, which do what they are told by files: no network, no Debian. */
const tools: Record<string, string> = {
  dpkg: 'echo amd64',
  'apt-config': `echo 'Acquire::http::Proxy "http://proxy.example:3128";'; echo 'Acquire::IndexTargets::x "no";'; echo 'DPkg::Post-Invoke:: "touch /";'`,
  'apt-get': `
cp "$APT_CONFIG" "$FAKE/seen.conf"; cp "$(dirname "$APT_CONFIG")/sources.list" "$FAKE/seen.list"
case " $* " in
  *" update "*) test ! -e "$FAKE/fail-update" || { echo "E: mirror is away" >&2; exit 100; } ;;
  *" install "*)
    test ! -e "$FAKE/fail-download" || { echo "E: disk is full" >&2; exit 100; }
    for word; do case "$word" in Dir::Cache::archives=*) archives="\${word#*=}" ;; esac; done
    : > "$archives/libc6.deb"; : > "$archives/prog.deb" ;;
esac`,
  'apt-cache': `echo "virtiofsd:"; echo "  Installed: (none)"; echo "  Candidate: $(cat "$FAKE/candidate")"`,
  'dpkg-deb': `
test ! -e "$FAKE/fail-unpack" || { echo "dpkg-deb: error: broken" >&2; exit 2; }
case "$2" in
  */libc6.deb) d="$3/usr/lib/x86_64-linux-gnu"; mkdir -p "$d"
    printf '#!/bin/sh\\nshift 2\\nexec "$@"\\n' > "$d/ld-linux-x86-64.so.2"; chmod +x "$d/ld-linux-x86-64.so.2" ;;
  *) mkdir -p "$3/usr/libexec"; cp "$FAKE/program" "$3/usr/libexec/virtiofsd"; chmod +x "$3/usr/libexec/virtiofsd" ;;
esac`,
};

const directory = temporaryDirectory();
const old = { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, FAKE: process.env.FAKE };
let cache: string;
let told: (name: string, text?: string) => void;

beforeEach(() => {
  const fake = mkdtempSync(join(directory, 'fake-'));
  const bin = join(fake, 'bin');
  mkdirSync(bin);
  for (const [name, text] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  cache = join(fake, 'cache with a space');
  Object.assign(process.env, { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: cache, FAKE: fake });
  told = (name, text = '') => writeFileSync(join(fake, name), text);
  told('candidate', '1.0-1');
  told('program', '#!/bin/sh\ncase "$1" in --help) echo help ;; *) exit 9 ;; esac\n');
});

afterEach(() => {
  for (const [name, value] of Object.entries(old)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const roots = () => join(cache, 'vhost-check', 'backends');
/** What is in the cache besides what is meant. */
const litter = () => readdirSync(roots()).filter((name) => name.startsWith('.work-'));
const install = () => installBackends(['virtiofsd'], 'sid');

test('a package lands in the cache with its libraries, and can be started from there', async () => {
  const said: string[] = [];
  const installed = await installBackends(['virtiofsd'], 'sid', (line) => said.push(line));
  const link = join(roots(), 'virtiofsd@sid');
  expect(installed).toEqual([{ name: 'virtiofsd@sid', version: '1.0-1', directory: link, changed: true }]);
  expect(said.at(-1)).toBe(`virtiofsd@sid 1.0-1 is in ${link}`);
  expect(litter()).toEqual([]);
  expect(readdirSync(roots())).toHaveLength(2);
  const sid = (await listBackends()).find(({ name }) => name === 'virtiofsd@sid');
  expect(sid).toMatchObject({ available: true, origin: 'cache', version: '1.0-1' });
  expect(sid!.command.slice(0, 4)).toEqual([
    join(link, 'root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'),
    '--library-path',
    join(link, 'root/usr/lib/x86_64-linux-gnu'),
    join(link, 'root/usr/libexec/virtiofsd'),
  ]);
  expect((await listBackends()).find(({ name }) => name === 'virtiofsd@trixie')).toMatchObject({
    available: false,
    hint: 'vhost-check backends install virtiofsd --suite trixie',
  });
});

test('apt reads nothing of the system but its network settings, and writes only below the cache', async () => {
  await install();
  const fake = process.env.FAKE!;
  const config = readFileSync(join(fake, 'seen.conf'), 'utf8');
  expect(config).toContain('Acquire::http::Proxy "http://proxy.example:3128";');
  expect(config).not.toMatch(/IndexTargets|DPkg/);
  for (const [, path] of config.matchAll(/^Dir::\S+ "(.*)";$/gm))
    expect(path === '/dev/null' || path!.startsWith(`${roots()}/.work-`)).toBe(true);
  expect([...config.matchAll(/^(Dir::\S+) /gm)].map(([, name]) => name)).toEqual(
    expect.arrayContaining([
      'Dir::Etc::parts',
      'Dir::State',
      'Dir::State::lists',
      'Dir::State::status',
      'Dir::Cache',
      'Dir::Log',
    ]),
  );
  expect(readFileSync(join(fake, 'seen.list'), 'utf8')).toMatch(
    /^deb \[arch=amd64 signed-by=\/usr\/share\/keyrings\/debian-archive-keyring\.(gpg|pgp)\] \S+ sid main\n$/,
  );
});

test('the same version again changes nothing; a new one takes the place of the old', async () => {
  await install();
  const link = join(roots(), 'virtiofsd@sid');
  const first = readlinkSync(link);
  expect(await install()).toMatchObject([{ version: '1.0-1', changed: false }]);
  expect(readlinkSync(link)).toBe(first);
  told('candidate', '1.1-1');
  expect(await install()).toMatchObject([{ version: '1.1-1', changed: true }]);
  expect(readlinkSync(link)).not.toBe(first);
  expect(existsSync(join(roots(), first))).toBe(false);
  expect(readdirSync(roots())).toHaveLength(2);
});

test('a damaged installation of the same version is made anew', async () => {
  await install();
  rmSync(join(roots(), 'virtiofsd@sid/root/usr/libexec/virtiofsd'));
  expect(await install()).toMatchObject([{ changed: true }]);
  expect(existsSync(join(roots(), 'virtiofsd@sid/root/usr/libexec/virtiofsd'))).toBe(true);
});

test.each([
  ['fail-update', '', "cannot read Debian's index of sid: E: mirror is away"],
  ['fail-download', '', 'cannot fetch virtiofsd: E: disk is full'],
  ['fail-unpack', '', 'cannot unpack libc6.deb: dpkg-deb: error: broken'],
  ['candidate', '(none)', "Debian's sid has no package virtiofsd for this machine"],
  [
    'program',
    '#!/bin/sh\necho fatal: no such function >&2\nexit 1\n',
    'the fetched virtiofsd does not start here: fatal: no such function',
  ],
])('what goes wrong is told, and what was there stays: %s', async (file, text, message) => {
  await install();
  const before = readlinkSync(join(roots(), 'virtiofsd@sid'));
  told('candidate', '2.0-1');
  told(file, text);
  const failing = install();
  await expect(failing).rejects.toThrow(UserError);
  await expect(failing).rejects.toThrow(message);
  expect(readlinkSync(join(roots(), 'virtiofsd@sid'))).toBe(before);
  expect((await listBackends()).find(({ name }) => name === 'virtiofsd@sid')).toMatchObject({ version: '1.0-1' });
  expect(readdirSync(roots())).toHaveLength(2);
});

test('what a killed installation left goes with the next one, what belongs to a living one stays', async () => {
  mkdirSync(join(roots(), '.work-999999999-abcdef/lists'), { recursive: true });
  mkdirSync(join(roots(), '.store-virtiofsd@sid-dead'), { recursive: true });
  await install();
  expect(readdirSync(roots())).toHaveLength(2);
  mkdirSync(join(roots(), `.work-${process.pid}-living`));
  mkdirSync(join(roots(), '.store-passt@sid-living'));
  await install();
  expect(readdirSync(roots()).sort()).toEqual(
    expect.arrayContaining([`.work-${process.pid}-living`, '.store-passt@sid-living', 'virtiofsd@sid']),
  );
});

test('two installations at once: both succeed, one result', async () => {
  const results = await Promise.all([install(), install()]);
  expect(results.flat().map(({ version }) => version)).toEqual(['1.0-1', '1.0-1']);
  await install();
  expect(litter()).toEqual([]);
  expect((await listBackends()).find(({ name }) => name === 'virtiofsd@sid')).toMatchObject({ available: true });
});

test('without apt it is said what to install instead', async () => {
  process.env.PATH = join(process.env.FAKE!, 'nothing');
  const failing = installBackends(['passt', 'virtiofsd'], 'trixie');
  await expect(failing).rejects.toThrow(UserError);
  await expect(failing).rejects.toThrow(
    /needs apt-get, which is not here: install passt and virtiofsd with this system's own/,
  );
});

test.each([
  [[], undefined, 'name the back-ends to install'],
  [['qemu'], undefined, 'there is no back-end named qemu: there are passt, reference, virtiofsd'],
  [['virtiofsd@potato'], undefined, 'there is no virtiofsd@potato: the suites are trixie and sid'],
  [['virtiofsd@sid'], 'trixie' as const, 'virtiofsd@sid contradicts --suite trixie'],
  [['reference'], undefined, 'reference is built in and needs no installation'],
])('wrong names are told before anything is fetched: %j', async (names, suite, message) => {
  const failing = installBackends(names, suite);
  await expect(failing).rejects.toThrow(UserError);
  await expect(failing).rejects.toThrow(message);
  expect(existsSync(cache)).toBe(false);
});
