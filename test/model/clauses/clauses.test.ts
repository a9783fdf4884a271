import { describe, expect, it } from 'vitest';
import { citation, clause, clauses, isClauseId } from '../../../model/clauses/index.js';

/** The obligations that the project began with: level and side by id. None may get lost. */
const REQUIRED: Readonly<Record<string, string>> = {
  'header.version': 'must back-end',
  'header.reply-flag': 'must back-end',
  'header.reply-id': 'must back-end',
  'header.reply-size': 'must back-end',
  'communication.no-unasked-reply': 'must back-end',
  'communication.order': 'must back-end',
  'communication.close': 'should back-end',
  'communication.backend-req': 'must back-end',
  'reply-ack.answer': 'must back-end',
  'reply-ack.truth': 'must back-end',
  'reply-ack.no-change': 'must back-end',
  'fragments.whole-stream': 'must back-end',
  'features.protocol-bit': 'must back-end',
  'features.only-offered': 'must back-end',
  'features.no-bit-30-enables': 'must back-end',
  'features.unknown-safe': 'must back-end',
  'device-state.negotiated-set': 'must both',
  'device-state.negotiated-check': 'must both',
  'rings.initial': 'must back-end',
  'rings.start-on-kick': 'must back-end',
  'rings.stop': 'must back-end',
  'rings.enable-tracked': 'must back-end',
  'rings.disabled-no-effect': 'must back-end',
  'rings.base-returned': 'must back-end',
  'rings.base-honoured': 'must back-end',
  'rings.reconfigure-live': 'must back-end',
  'rings.reset-device': 'must back-end',
  'suspended.no-processing': 'must back-end',
  'suspended.no-memory-write': 'must back-end',
  'suspended.no-notify': 'must back-end',
  'suspended.no-message': 'must back-end',
  'suspended.answers': 'must back-end',
  'params.size': 'must both',
  'params.direction': 'must back-end',
  'params.phase': 'must back-end',
  'params.stopped-means-suspended': 'must both',
  'set.one-fd': 'must both',
  'set.reply-error-bits': 'must back-end',
  'set.reply-no-fd-bit': 'must back-end',
  'set.no-error-with-fd': 'must back-end',
  'set.own-channel': 'must both',
  'channel.any-kind': 'must back-end',
  'channel.save-all': 'must back-end',
  'channel.save-eof': 'must back-end',
  'channel.load-to-eof': 'must back-end',
  'channel.early-close': 'must back-end',
  'check.value': 'must back-end',
  'check.truth-save': 'must back-end',
  'check.truth-load': 'must back-end',
  'check.waits': 'must back-end',
  'check.after-eof': 'must front-end',
  'outcome.resume-destination': 'must back-end',
  'outcome.state-equal': 'must back-end',
  'outcome.resume-source': 'must back-end',
  'outcome.retry': 'must back-end',
  'outcome.failed-load-harmless': 'should back-end',
  'outcome.vring-base': 'must back-end',
  'robust.no-crash': 'robust back-end',
  'robust.no-hang': 'robust back-end',
  'robust.survives-bad-input': 'robust back-end',
  'robust.no-fd-leak': 'robust back-end',
  'robust.no-thread-leak': 'robust back-end',
  'robust.memory-bounded': 'robust back-end',
  'robust.no-spin': 'robust back-end',
  'robust.reconnect': 'robust back-end',
  'robust.fd-identity': 'robust back-end',
  'log.marks-writes': 'must back-end',
  'log.marks-used': 'must back-end',
  'log.after-stop': 'must back-end',
  'log.switch': 'must back-end',
};

/** Headings of vhost-user.rst that an obligation can come from. */
const HEADINGS = [
  'Introduction',
  'Support for platforms other than Linux',
  'Message Specification',
  'Header',
  'A vring descriptor index for split virtqueues',
  'Vring descriptor indices for packed virtqueues',
  'A vring address description',
  'Memory region description',
  'Multiple Memory regions description',
  'An IOTLB message',
  'Virtio device config space',
  'VhostUserShared',
  'Device state transfer parameters',
  'Communication',
  'Ring states',
  'Suspended device state',
  'Multiple queue support',
  'Migration',
  'Migrating back-end state',
  'Memory access',
  'IOMMU support',
  'Back-end communication',
  'Inflight I/O tracking',
  'In-band notifications',
  'VHOST_USER_PROTOCOL_F_REPLY_ACK',
  'Backend program conventions',
];
const MESSAGE =
  /^(?:Front-end message types, VHOST_USER_(?!BACKEND_)|Back-end message types, VHOST_USER_BACKEND_)([A-Z_]+)$/;

describe('the registry', () => {
  it.each(Object.entries(REQUIRED))('has %s as %s', (id, expected) => {
    const { level, side } = clause(id);
    expect(`${level} ${side}`).toBe(expected);
  });

  it('has every id once, made of topic and name', () => {
    const ids = clauses.map((c) => c.id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z][a-z-]*\.[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([]);
    expect(ids.filter((id) => id.startsWith('open.'))).toEqual([]);
  });

  it('has known levels and sides, and the level robust exactly for our own demands', () => {
    for (const { id, level, side, section } of clauses) {
      expect(['must', 'should', 'may', 'robust'], id).toContain(level);
      expect(['back-end', 'front-end', 'both'], id).toContain(side);
      expect(level === 'robust', id).toBe(id.startsWith('robust.'));
      expect(level === 'robust', id).toBe(section === 'Robustness');
    }
  });

  it('has texts of one plain sentence, none twice', () => {
    const odd = clauses.filter(
      ({ text }) => !/^[A-Z-][^\n]*\.$/.test(text) || /[.!?;] /.test(text) || text.length > 170,
    );
    expect(odd.map((c) => c.id)).toEqual([]);
    expect(new Set(clauses.map((c) => c.text)).size).toBe(clauses.length);
  });

  it('names real headings and messages of the source', async () => {
    const { backendMessages, messages } = await import('../../../model/wire/index.js');
    const names = new Set([...Object.keys(messages), ...Object.keys(backendMessages)]);
    for (const { id, section } of clauses.filter((c) => c.level !== 'robust')) {
      const message = MESSAGE.exec(section)?.[1];
      if (message === undefined) expect(HEADINGS, id).toContain(section);
      else expect(names, id).toContain(message);
    }
  });

  it('keeps the clauses of one section together', () => {
    const runs = clauses.map((c) => c.section).filter((s, i, all) => s !== all[i - 1]);
    expect(runs.filter((s, i) => runs.indexOf(s) !== i)).toEqual([]);
  });

  it('finds by id and tells what it does not know', () => {
    for (const entry of clauses) expect(clause(entry.id)).toBe(entry);
    expect(() => clause('set.nothing')).toThrow('no clause is called "set.nothing"');
    expect([isClauseId('check.value'), isClauseId('open.refusal'), isClauseId('toString')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('cites its source', () => {
    expect(citation(clause('suspended.answers'))).toBe('vhost-user.rst, Suspended device state');
    expect(citation(clause('check.value'))).toBe(
      'vhost-user.rst, Front-end message types, VHOST_USER_CHECK_DEVICE_STATE',
    );
    expect(citation(clause('robust.no-hang'))).toBe("vhost-check's own demand");
  });
});
