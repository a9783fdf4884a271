/** An open question, and how a back-end answers it. */
export type Answered = readonly [question: string, answer: string];

/** What the explanations of one message say of open questions: the message tells only what all of them say. */
export class Agreement {
  private explanations = 0;
  private readonly said = new Map<string, { readonly answers: Set<string>; times: number }>();

  /** One more explanation, with the answers that it takes. */
  add(answers: readonly Answered[]): void {
    this.explanations++;
    for (const [question, answer] of answers) {
      const said = this.said.get(question) ?? { answers: new Set(), times: 0 };
      said.answers.add(answer);
      said.times++;
      this.said.set(question, said);
    }
  }

  /** Answers that every explanation takes. */
  *agreed(): Iterable<Answered> {
    for (const [question, { answers, times }] of this.said) {
      const [only] = answers;
      if (only !== undefined && answers.size === 1 && times === this.explanations) yield [question, only];
    }
  }
}
