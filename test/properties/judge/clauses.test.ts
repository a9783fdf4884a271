import { describe, expect, it } from 'vitest';
import { judgedClauses } from '../../../model/session/index.js';
import { cases } from './cases.js';
import { judged } from './script.js';

describe('every judged clause', () => {
  it('has a history that keeps it and one that breaks it, and nothing else has', () => {
    expect(Object.keys(cases).sort()).toEqual([...judgedClauses()].sort());
  });

  describe.each(Object.entries(cases))('%s', (id, { pass, fail }) => {
    it('holds where it is kept', () => {
      const { violations, reached } = judged(pass);
      expect(violations).toEqual([]);
      expect(Object.keys(reached)).toContain(id);
    });

    it('alone fails where it is broken', () => {
      const { violations, reached } = judged(fail);
      expect(violations.map(({ clause }) => clause)).toEqual([id]);
      expect(Object.keys(reached)).toContain(id);
      expect(violations[0]!.signature.startsWith(id)).toBe(true);
      expect(violations[0]!.expected.length).toBeGreaterThan(0);
      expect(violations[0]!.observed).not.toBe('');
    });
  });
});
