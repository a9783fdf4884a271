import type { ClausesDocument } from '../../report/json.js';
import { style, wantsColour } from '../../report/style.js';
import { clausesText } from '../../report/terminal/clauses.js';
import { type Context, withoutCommand } from '../context.js';
import type { Coverage, Registry } from '../parts.js';
import { version } from '../version.js';
import type { ClausesFlags } from './clauses.js';

/** `vhost-check clauses` */
export async function clausesAction(this: Context, flags: ClausesFlags): Promise<void> {
  withoutCommand(this);
  const { stdout, env } = this.process;
  const [registry, coverage] = await Promise.all([this.parts.registry(), this.parts.coverage()]);
  const document = clausesDocument(registry, coverage);
  stdout.write(
    flags.json ? `${JSON.stringify(document, null, 2)}\n` : clausesText(document, style(wantsColour(stdout, env))),
  );
}

function clausesDocument(registry: Registry, coverage: Coverage): ClausesDocument {
  const exercised = coverage.exercisedClauses();
  const judged = coverage.judgedClauses();
  const clauses = registry.clauses.map(({ id, level, side, section, text }) => ({
    id,
    level,
    side,
    section,
    text,
    exercised: exercised.has(id),
    judged: judged.has(id),
  }));
  const number = (test: (clause: (typeof clauses)[number]) => boolean) => clauses.filter(test).length;
  return {
    format: 'vhost-check/clauses@1',
    tool: { version: version() },
    clauses,
    counts: {
      clauses: clauses.length,
      exercised: number((c) => c.exercised),
      judged: number((c) => c.judged),
      both: number((c) => c.exercised && c.judged),
      unjudged: number((c) => !c.judged),
    },
    questions: registry.openQuestions.map(({ id, question, section, why, answers }) => ({
      id,
      question,
      section,
      why,
      answers: answers.map(({ name, text }) => ({ name, text })),
    })),
  };
}
